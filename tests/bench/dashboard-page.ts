/** Runs in the page, where times are measured without the way to it: what the bench asks of the inspector there. */
export const pageScript = `
  const list = () => document.querySelector('[role="listbox"][aria-label="Messages"]');
  const rows = () => [...(list()?.querySelectorAll('[role="option"]') ?? [])];
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  window.size = () => Number(rows()[0]?.getAttribute('aria-setsize') ?? 0);
  window.press = (key) => document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
  window.type = (text) => {
    const field = document.querySelector('dialog input[type="search"]');
    field.value = text;
    field.dispatchEvent(new InputEvent('input', { bubbles: true }));
    field.dispatchEvent(new Event('change', { bubbles: true }));
  };
  window.untilRow = async (act, text = ' ') => {
    const before = rows()[0]?.textContent;
    const start = performance.now();
    act();
    for (;;) {
      await frame();
      const [first] = rows();
      const isThere = first && !first.querySelector('.coming') && first.textContent.includes(text.trim());
      if (isThere && first.textContent !== before) return performance.now() - start;
      if (performance.now() - start > 60000) throw new Error('no row came');
    }
  };
  window.untilSize = async (size) => {
    while (window.size() < size) await frame();
  };
  // Quiet for a second: nothing held a frame up.
  window.waitUntilIdle = async () => {
    for (let quiet = 0; quiet < 60; ) {
      const start = performance.now();
      await frame();
      quiet = performance.now() - start < 34 ? quiet + 1 : 0;
    }
  };
  window.scroll = async (seconds) => {
    const box = list();
    const deltas = [];
    const end = performance.now() + seconds * 1000;
    let last = await frame();
    for (let now = last; now < end; last = now) {
      box.scrollTop = (box.scrollTop + 1350) % (box.scrollHeight - box.clientHeight);
      now = await frame();
      deltas.push(now - last);
    }
    return deltas.sort((one, other) => one - other)[Math.floor(deltas.length * 0.95)];
  };
`;
