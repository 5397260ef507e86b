/** What was typed over the persona's credentials; undefined where nothing was. */
export class LoginForm {
  mobile = $state<string>();
  password = $state<string>();

  clear(): void {
    this.mobile = undefined;
    this.password = undefined;
  }
}
