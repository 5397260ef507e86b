/** The page's script: begins and ends a trial, asks, and reads. What came of it is on the page that the site sends next. */
export const cookiesScript = `
const { trial } = document.querySelector('main').dataset;
const problem = document.getElementById('problem');
const buttons = [...document.querySelectorAll('button')];
let busy = false;

const setBusy = (value) => {
  busy = value;
  for (const button of buttons) button.setAttribute('aria-disabled', String(busy));
};
const call = async (method, path, body) => {
  const answer = await fetch(path, {
    method,
    headers: body ? { 'Content-Type': 'application/json' } : {},
    body: body && JSON.stringify(body),
  });
  const told = await answer.json();
  if (!told.ok) throw new Error(told.error.message);
  return told;
};
const show = (id) => {
  history.replaceState(null, '', id ? '/cookies?trial=' + id + '#results' : '/cookies');
  location.reload();
};
const act = {
  set: async () => show((await call('POST', '/api/v1/cookie-trial')).trial),
  ask: async () => {
    await call('GET', '/cookies/' + trial + '/from-here');
    show(trial);
  },
  read: async () => {
    await call('POST', '/api/v1/cookie-trial/' + trial + '/script', { read: document.cookie });
    show(trial);
  },
  remove: async () => {
    await call('DELETE', '/api/v1/cookie-trial/' + trial);
    show();
  },
};
for (const button of buttons) button.addEventListener('click', async () => {
  if (busy) return;
  setBusy(true);
  problem.textContent = '';
  try {
    await act[button.id]();
  } catch (error) {
    problem.textContent = error instanceof TypeError ? 'PiggyPay cannot be reached.' : error.message;
    setBusy(false);
  }
});
// After a trial: where it is written, for those who see it and those who hear it.
if (location.hash === '#results') {
  document.getElementById('results')?.focus();
  history.replaceState(null, '', location.pathname + location.search);
}
addEventListener('pageshow', () => setBusy(false));
`;
