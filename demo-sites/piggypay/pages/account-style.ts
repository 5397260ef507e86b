/** The account page's own style. */
export const accountStyle = `
header { display: flex; align-items: center; justify-content: space-between; gap: 1rem; padding: 1rem clamp(1.25rem, 5vw, 4rem); background: var(--surface); border-bottom: 1px solid var(--line); }
header button { padding: .55rem 1.1rem; border: 1.5px solid var(--field); border-radius: 2rem; background: none; font-weight: 620; }
header button:hover { background: var(--wash); }
main { display: grid; grid-template-columns: minmax(0, 2fr) minmax(0, 3fr); align-items: start; gap: 1.25rem 1.75rem; max-width: 68rem; margin: 0 auto; padding: 2rem clamp(1.25rem, 5vw, 4rem) 5rem; }
main > div { display: grid; gap: 1.25rem; }
h1, main > p { grid-column: 1 / -1; }
h1 { font-size: 2rem; font-weight: 760; }
section { border-radius: 1.5rem; box-shadow: var(--shadow); }
.balance { padding: 1.75rem; background: linear-gradient(150deg, #b01f52, #8c1746); color: #fff; }
.balance h2 { font-size: 1rem; font-weight: 600; letter-spacing: 0; }
.amount { margin: .4rem 0 1.5rem; font-size: clamp(2.1rem, 4vw, 2.75rem); font-weight: 760; letter-spacing: -.03em; line-height: 1.1; font-variant-numeric: tabular-nums; }
.balance ul { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; padding-top: 1.1rem; border-top: 1px solid #ffffff4d; list-style: none; font-weight: 650; }
.balance li span { display: block; font-size: .875rem; font-weight: 450; }
.send, .clients, .payments { padding: 1.5rem 1.75rem; background: var(--surface); }
.send h2, .clients h2, .payments h2 { margin-bottom: .5rem; font-size: 1.125rem; }
.send form { display: grid; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); align-items: end; gap: .9rem; }
.send label { display: block; margin-bottom: .2rem; font-size: .875rem; font-weight: 600; }
.send input { width: 100%; padding: .6rem .8rem; border: 1.5px solid var(--field); border-radius: .85rem; background: var(--surface); }
.send [aria-invalid=true] { border-color: var(--bad); }
.send button { grid-column: 1 / -1; padding: .7rem; border: 0; border-radius: .85rem; background: var(--accent); color: var(--on-accent); font-weight: 680; }
.send button:hover { background: var(--accent-strong); }
.send button[aria-disabled=true] { opacity: .75; cursor: progress; }
#problem { margin-top: .8rem; color: var(--bad); font-weight: 560; }
#problem:empty { display: none; }
.clients p, .payments > p { color: var(--soft); font-size: .875rem; overflow-wrap: anywhere; }
.clients ul { padding-left: 1.1rem; font-size: .875rem; overflow-wrap: anywhere; }
.payments { padding-bottom: .75rem; }
.payments > p { margin-bottom: .8rem; }
.payments ul { list-style: none; }
.payments li { display: flex; align-items: center; gap: .9rem; padding: .8rem 0; border-top: 1px solid var(--line); }
.badge { display: grid; place-items: center; flex: none; width: 2.6rem; height: 2.6rem; border-radius: 50%; background: var(--wash); color: var(--accent-strong); font-weight: 700; }
.who, .sum { display: flex; flex-direction: column; min-width: 0; }
.who { flex: 1; overflow-wrap: anywhere; }
.sum { align-items: end; text-align: end; font-variant-numeric: tabular-nums; white-space: nowrap; }
.who > span, .sum > span { color: var(--soft); font-size: .875rem; }
.in { color: var(--good); }
@media (max-width: 52rem) { main { grid-template-columns: minmax(0, 1fr); padding-block: 1.25rem 5rem; } .send, .clients, .payments { padding-inline: 1.25rem; } }
`;
