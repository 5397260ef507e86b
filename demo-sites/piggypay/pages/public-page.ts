import { page } from './page.ts';
import { mark } from './piggy.ts';
import type { PublicPage } from './public-pages.ts';

/** A page that needs no login: an ordinary one, of which only the choice is private. */
export function publicPage(nonce: string, { title, lead, body }: PublicPage): string {
  return page({
    nonce,
    title: `${title} · PiggyPay`,
    style,
    body: `
<header>
<a class="brand" href="/" aria-label="PiggyPay, start page">${mark}<span>Piggy<i>Pay</i></span></a>
</header>
<main>
<h1>${title}</h1>
<p class="lead">${lead}</p>
${body.trim()}
<p class="small-print">PiggyPay is invented for a demonstration. <a href="/">Back to the start page</a></p>
</main>
`,
    script: '',
  });
}

const style = `
header { display: flex; padding: 1rem clamp(1.25rem, 5vw, 4rem); background: var(--surface); border-bottom: 1px solid var(--line); }
.brand { color: inherit; text-decoration: none; }
main { max-width: 44rem; margin: 0 auto; padding: 2rem clamp(1.25rem, 5vw, 4rem) 4rem; }
h1 { font-size: 2rem; font-weight: 760; }
h2 { margin-top: 1.6rem; font-size: 1.125rem; }
.lead { margin: .6rem 0 1.2rem; font-size: 1.0625rem; color: var(--soft); }
main p, main ul, main ol, table { margin-top: .6rem; }
main ul, main ol { padding-left: 1.3rem; }
main a { color: var(--accent); }
table { width: 100%; border-collapse: collapse; background: var(--surface); }
th, td { padding: .5rem .8rem; border: 1px solid var(--line); text-align: start; font-weight: 450; }
thead th { font-weight: 650; }
.small-print { padding-top: 1.6rem; }
`;
