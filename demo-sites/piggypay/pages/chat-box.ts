/** The support chat in the corner of a page. It connects when it is opened, and not before. */
export const chatBox = `<aside class="chat" aria-label="Support chat">
<details id="chat">
<summary>Support chat</summary>
<div id="said" role="log" aria-label="What was said" tabindex="0"></div>
<form id="say">
<label for="line">Your message</label>
<span><input id="line" maxlength="500" autocomplete="off" required><button>Send</button></span>
</form>
</details>
</aside>`;

export const chatStyle = `
.chat { position: fixed; right: 1rem; bottom: 1rem; width: min(21rem, calc(100vw - 2rem)); pointer-events: none; }
.chat details { border: 1px solid var(--line); border-radius: 1.2rem; background: var(--surface); box-shadow: var(--shadow); pointer-events: auto; }
.chat details:not([open]) { width: fit-content; margin-left: auto; }
.chat summary { padding: .6rem 1.1rem; border-radius: inherit; font-weight: 650; list-style: none; cursor: pointer; }
.chat summary::-webkit-details-marker { display: none; }
.chat summary::after { content: '▴'; margin-left: .6rem; color: var(--accent); }
.chat [open] summary::after { content: '▾'; }
#said { display: grid; gap: .5rem; height: 13rem; align-content: start; margin: 0; padding: .25rem 1.1rem .75rem; overflow-y: auto; }
#said p { max-width: 90%; padding: .45rem .8rem; border-radius: .9rem; background: var(--wash); font-size: .9375rem; overflow-wrap: anywhere; }
#said .own { justify-self: end; background: var(--accent); color: var(--on-accent); }
#said b { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
#say { padding: 0 1.1rem 1rem; }
#say label { margin-bottom: .2rem; font-size: .875rem; font-weight: 600; }
#say span { display: flex; gap: .5rem; }
#say input { flex: 1; min-width: 0; padding: .5rem .7rem; border: 1.5px solid var(--field); border-radius: .7rem; background: var(--surface); }
#say button { padding: .5rem .9rem; border: 0; border-radius: .7rem; background: var(--accent); color: var(--on-accent); font-weight: 650; }
`;

// In a block of its own: a page has more than one script, and their names must not meet.
export const chatScript = `
{
  const box = document.getElementById('chat');
  const said = document.getElementById('said');
  const line = document.getElementById('line');
  let socket;
  const add = (who, text) => {
    const item = document.createElement('p');
    const name = document.createElement('b');
    name.textContent = who + ': ';
    item.append(name, text);
    item.classList.toggle('own', who === 'You');
    said.append(item);
    said.scrollTop = said.scrollHeight;
  };
  const connect = () => {
    if (socket && socket.readyState < 2) return socket;
    socket = new WebSocket(new URL('/support', location.href).href.replace(/^http/, 'ws'));
    socket.onmessage = ({ data }) => add('PiggyPay', data);
    socket.onclose = () => add('PiggyPay', 'The chat has ended. Write something to begin another.');
    return socket;
  };
  box.addEventListener('toggle', () => {
    if (!box.open) return;
    connect();
    line.focus();
  });
  document.getElementById('say').addEventListener('submit', (event) => {
    event.preventDefault();
    const text = line.value.trim();
    if (!text) return;
    const to = connect();
    const send = () => {
      to.send(text);
      add('You', text);
      line.value = '';
    };
    if (to.readyState === 1) send();
    else to.addEventListener('open', send, { once: true });
  });
}
`;
