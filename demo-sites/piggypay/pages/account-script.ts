/** The account page's script: sends money and logs out. A page that shows a transfer is one that the site has sent. */
export const accountScript = `
const form = document.querySelector('.send form');
const { payee, amount } = form.elements;
const send = form.querySelector('button');
const problem = document.getElementById('problem');
let busy = false;

const complain = (text, field) => {
  problem.textContent = text;
  for (const input of [payee, amount]) input.setAttribute('aria-invalid', String(input === field));
  field?.focus();
};
const setBusy = (value) => {
  busy = value;
  send.setAttribute('aria-disabled', String(busy));
};

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  if (busy) return;
  const rupees = Number(amount.value.replace(/[₹,]/g, ''));
  if (!payee.value.trim()) return complain('Enter who should get it.', payee);
  if (!(rupees > 0 && rupees <= amount.dataset.largest)) return complain('Enter an amount, up to ' + amount.dataset.largest + '.', amount);
  complain('');
  setBusy(true);
  try {
    const answer = await fetch('/api/v1/transfer', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ payee: payee.value, amount: rupees }),
    });
    const { booked, error } = await answer.json();
    if (booked) {
      history.replaceState(null, '', '#payments');
      return location.reload();
    }
    complain(error.message);
  } catch {
    complain('PiggyPay cannot be reached. Look at your payments before you send it again.');
  }
  setBusy(false);
});
// After a transfer: where it is written, for those who see it and those who hear it.
if (location.hash === '#payments') {
  document.getElementById('payments').focus();
  history.replaceState(null, '', location.pathname);
  form.reset();
}
document.getElementById('leave').addEventListener('click', async () => {
  try {
    await fetch('/api/v1/logout', { method: 'POST' });
    location.assign('/');
  } catch {
    complain('PiggyPay cannot be reached. You are still logged in.');
  }
});
addEventListener('pageshow', () => setBusy(false));
`;
