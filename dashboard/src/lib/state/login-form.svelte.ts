/** How the victim looks names up: in clear, or over HTTPS. */
export type Lookup = 'dns' | 'doh';

/** What was typed over the persona's credentials and the proposed line; undefined where nothing was. */
export class LoginForm {
  mobile = $state<string>();
  password = $state<string>();
  line = $state<string>();
  lookup = $state<Lookup>('dns');
  /** Where to log in; undefined for the site itself. */
  host = $state<string>();

  /** Forgets what was typed, and is back at the site itself; how names are looked up stays as it was chosen. */
  clear(): void {
    this.mobile = undefined;
    this.password = undefined;
    this.line = undefined;
    this.host = undefined;
  }
}
