import assert from 'node:assert/strict';
import { test } from 'node:test';

const { next, typing } = await import('../../wwwroot/js/keys.js');

test('next_Arrows_StayWithinTheList', () => {
  assert.deepEqual([next(-1, 3, 'ArrowDown'), next(0, 3, 'ArrowDown'), next(2, 3, 'ArrowDown'), next(2, 3, 'ArrowUp'), next(0, 3, 'ArrowUp'), next(1, 3, 'Home'), next(1, 3, 'End'), next(0, 0, 'ArrowDown')], [0, 1, 2, 1, 0, 0, 2, -1]);
});

test('typing_FieldsAreTheirs_ButtonsAreNot', () => {
  const element = tag => ({ isContentEditable: false, matches: selector => selector.split(',')[0].startsWith(tag) || selector.includes(` ${tag}`) });
  assert.equal(typing(element('textarea')), true);
  assert.equal(typing(element('button')), false);
  assert.equal(typing(null), false);
});
