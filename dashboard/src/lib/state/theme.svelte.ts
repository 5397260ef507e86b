export type ThemeName = 'auto' | 'light' | 'dark';

const STORED_AS = 'plainsight-theme';
const ORDER: readonly ThemeName[] = ['auto', 'light', 'dark'];

/** Light, dark, or whatever the machine says; remembered in this browser. */
export class Theme {
  name = $state<ThemeName>(stored());

  constructor() {
    show(this.name);
  }

  /** On to the next of auto, light, dark. */
  turn(): void {
    this.name = ORDER[(ORDER.indexOf(this.name) + 1) % ORDER.length] ?? 'auto';
    show(this.name);
    localStorage.setItem(STORED_AS, this.name);
  }
}

function stored(): ThemeName {
  const name = localStorage.getItem(STORED_AS);
  return ORDER.find((known) => known === name) ?? 'auto';
}

function show(name: ThemeName): void {
  if (name === 'auto') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = name;
}
