import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeOf } from '../../src/Web/Components/Controls/StageList.razor.js';

const boxes = [{ top: 0, bottom: 40 }, { top: 50, bottom: 90 }, { top: 100, bottom: 300 }];

test('placeOf_HeldOverTheMiddleOfAnother_TakesItsPlace', () => {
  assert.deepEqual([placeOf(boxes, 0, 20), placeOf(boxes, 0, 75), placeOf(boxes, 0, 199), placeOf(boxes, 0, 201)], [0, 1, 1, 2]);
  assert.deepEqual([placeOf(boxes, 2, 260), placeOf(boxes, 2, 60), placeOf(boxes, 2, -5)], [2, 1, 0]);
});
