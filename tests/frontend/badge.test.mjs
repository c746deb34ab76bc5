import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const { badge, waiting } = await import('../../src/Web/Components/Layout/MainLayout.razor.js');

test('badge_UpToNine_IsTheFigure_AboveItIsNinePlus', () => {
  assert.match(badge(3), />3<\/text>/);
  assert.match(badge(12), />9\+<\/text>/);
});

test('badge_IsOurIconWithABadge', () => {
  const plain = readFileSync(new URL('../../wwwroot/favicon.svg', import.meta.url), 'utf8').trim().replace(/<\/svg>$/, '');
  assert.ok(badge(1).startsWith(plain));
});

test('waiting_CountThenNone_GivesThePlainIconBack', () => {
  const link = { href: '/favicon.svg' };
  globalThis.document = { querySelector: () => link };
  waiting(2);
  assert.match(decodeURIComponent(link.href), /^data:image\/svg\+xml,<svg .*>2<\/text><\/svg>$/);
  waiting(0);
  assert.equal(link.href, '/favicon.svg');
  delete globalThis.document;
});
