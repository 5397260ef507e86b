import { expect, test } from 'vitest';
import type { AttackActed } from '#contract';
import { attackComment } from '../../../proxy/pcapng/attack-comment.ts';

const acted: AttackActed = {
  ...{ epoch: 1, seq: 1, time: 0, vantage: 'wire', type: 'attack-acted', attack: 'change' },
  ...{ connection: 3, direction: 'server-to-client', offset: 47 },
  before: new Uint8Array(40),
  after: new Uint8Array(47),
};

test('what was changed went on as other bytes; a true answer came after the forged one', () => {
  expect(attackComment(acted)).toMatch(/bytes 47 to 87, server-to-client, went on as 47 other bytes$/);
  expect(attackComment({ ...acted, attack: 'forge-name' })).toMatch(/came after 47 forged bytes$/);
});
