#!/usr/bin/env node
// The one command: prepares the folder when needed, then runs the lab in this same process, so that signals reach it.
import { bootstrap, requireNode } from './bootstrap.mjs';

requireNode();
// What prints to the terminal needs no dashboard.
bootstrap({ dashboard: process.argv[2] !== 'dissect' });

const { register } = await import('tsx/esm/api');
register();
const { run } = await import('../proxy/cli.ts');
await run(process.argv.slice(2));
