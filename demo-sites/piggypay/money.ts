/** `₹12,480.50`; with `signed`, what came in has a plus. */
export function formatMoney(amount: number, currency: string, signed = false): string {
  const signDisplay = signed ? 'exceptZero' : 'auto';
  const text = new Intl.NumberFormat('en-IN', { style: 'currency', currency, signDisplay }).format(amount);
  return text.replace('-', '−');
}
