/** Which secrets stand in what was said and answered, in words. */
export function secretsIn(
  said: string,
  answered: string,
  { mobile, password }: { readonly mobile: string; readonly password: string },
): readonly string[] {
  // A form is sent percent-encoded (URL Standard, 5), JSON as it is.
  const isSaid = (secret: string) => said.includes(secret) || said.includes(encodeURIComponent(secret));
  const found: readonly (readonly [string, boolean])[] = [
    ['the mobile number', isSaid(mobile)],
    ['the password', isSaid(password)],
    ['the session’s cookie', /^set-cookie:/im.test(answered)],
    ['the token', /"token":"[^"]+"/.test(answered)],
  ];
  return found.flatMap(([name, isFound]) => (isFound ? [name] : []));
}
