import './tokens.css';
import './base.css';
import './bytes.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { Theme } from './lib/state/theme.svelte.ts';

const target = document.querySelector('#stage');
if (target === null) throw new Error('index.html has no #stage to draw on');
// Before the first drawing, so that no page flashes in the other theme.
const theme = new Theme();
mount(App, { target, props: { theme } });
