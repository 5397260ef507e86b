/** PiggyPay's own look, shared by its pages; follows the light or dark scheme of the system. */
export const sharedStyle = `
:root {
  --ground: #fff3f0; --panel: #ffe1e5; --surface: #fff; --ink: #3a1626; --soft: #7d4a5e; --line: #ecc7d0;
  --field: #b98a99; --accent: #c2255c; --accent-strong: #a3184a; --on-accent: #fff; --wash: #ffe9ed;
  --good: #1c6b45; --bad: #a8201a; --bad-wash: #ffe8e3; --shadow: 0 1px 2px #5a15300f, 0 18px 44px #5a15301f;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #190d13; --panel: #2b131f; --surface: #26151d; --ink: #ffe9ee; --soft: #d3a3b3; --line: #4b2c39;
    --field: #94687a; --accent: #ff8fab; --accent-strong: #ffb1c5; --on-accent: #3d0a1f; --wash: #3a1d2a;
    --good: #86dcae; --bad: #ffb4a8; --bad-wash: #43201f; --shadow: 0 1px 2px #0006, 0 18px 44px #0007;
  }
}
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; min-height: 100vh; min-height: 100dvh; background: var(--ground); color: var(--ink);
  font: 1rem/1.5 ui-rounded, "SF Pro Rounded", "Segoe UI Variable", "Segoe UI", system-ui, "Noto Sans", sans-serif;
}
h1, h2, p, ul { margin: 0; padding: 0; }
h1, h2 { line-height: 1.15; letter-spacing: -.02em; text-wrap: balance; }
button, input { font: inherit; color: inherit; }
button { cursor: pointer; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.brand { display: inline-flex; align-items: center; gap: .6rem; font-size: 1.35rem; font-weight: 750; letter-spacing: -.03em; }
.brand i { font-style: normal; color: var(--accent); }
.mark { width: 2.25rem; height: 2.25rem; display: block; }
.small-print { color: var(--soft); font-size: .875rem; }
`;
