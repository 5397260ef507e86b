/** The style of the pages where the flags of cookies are tried. */
export const cookiesStyle = `
header { padding: 1rem clamp(1.25rem, 5vw, 4rem); background: var(--surface); border-bottom: 1px solid var(--line); }
main { display: grid; gap: 1.25rem; max-width: 74rem; margin: 0 auto; padding: 1.75rem clamp(1.25rem, 4vw, 3rem) 4rem; }
h1 { font-size: 1.85rem; font-weight: 760; }
h2 { margin-bottom: .6rem; font-size: 1.125rem; }
code { font-size: .9em; overflow-wrap: anywhere; }
a { color: var(--accent-strong); }
section { padding: 1.25rem 1.5rem; border-radius: 1.5rem; background: var(--surface); box-shadow: var(--shadow); min-width: 0; }
section > p + p, section > .controls + p, section > ol { margin-top: .6rem; }
ol { margin-bottom: 0; padding-left: 1.25rem; }
li + li { margin-top: .5rem; }
.controls { display: flex; flex-wrap: wrap; align-items: center; gap: .75rem; margin-top: .75rem; }
.control, .controls button { display: inline-block; padding: .5rem 1.1rem; border: 1.5px solid var(--field); border-radius: 2rem; background: none; color: var(--ink); font-weight: 620; text-decoration: none; }
.control:hover, .controls button:hover { background: var(--wash); }
.controls .first { border-color: transparent; background: var(--accent); color: var(--on-accent); }
.controls .first:hover { background: var(--accent-strong); }
.controls [aria-disabled=true] { opacity: .75; cursor: progress; }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: .9375rem; }
caption { margin-bottom: .5rem; text-align: start; color: var(--soft); }
th, td { padding: .5rem .6rem; border-top: 1px solid var(--line); text-align: start; vertical-align: top; }
thead th { border-top: 0; vertical-align: bottom; font-size: .875rem; }
th small { display: block; color: var(--soft); font-size: .8125rem; font-weight: 450; }
.present { color: var(--bad); font-weight: 650; }
.same { color: var(--ink); font-weight: 650; }
.absent { color: var(--good); font-weight: 650; }
.untried, .older { color: var(--soft); }
dl { display: grid; grid-template-columns: 12rem minmax(0, 1fr); gap: .5rem 1.25rem; margin: 0; }
dt { font-weight: 650; }
dd { margin: 0; }
section .own { margin-top: 1rem; }
#problem { color: var(--bad); font-weight: 560; }
#problem:empty { display: none; }
.elsewhere { max-width: 46rem; }
@media (max-width: 44rem) { dl { grid-template-columns: minmax(0, 1fr); } dd { margin-bottom: .5rem; } }
`;
