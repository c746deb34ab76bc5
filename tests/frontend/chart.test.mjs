import assert from 'node:assert/strict';
import { test } from 'node:test';

globalThis.document ??= { documentElement: { dataset: { theme: 'dark' } } };
const { figure, optionsFor } = await import('../../src/Web/Components/Charts/ApexChart.razor.js');

const chart = { series: [{ name: 'actual', type: 'line', dashed: false, data: [[0, 1]] }, { name: 'planned', type: 'line', dashed: true, data: [[0, 2]] }], height: 180, time: true, curve: 'stepline', width: 2, min: 0, format: 'seconds', whole: false };

test('figure_Exact_HasFourDigitsAsTheServerWritesThem', () => {
  assert.deepEqual([0, 0.12346, 1234.4, 12344, -0.0001234, 0.0000012344, 3e14].map(v => figure(v, 'exact')), ['0', '0.1235', '1234', '1.234E+04', '-0.0001234', '1.234E-06', '3E+14']);
});

test('figure_SpeaksTheServersWords', () => {
  assert.deepEqual([figure(0.4, 'seconds'), figure(185, 'seconds'), figure(1572864, 'bytes'), figure(3, 'number'), figure(null, 'seconds')], ['0.4 s', '3 m 05 s', '1.5 MiB', '3', '']);
});

test('optionsFor_TakesItsColoursFromTheTheme_AndDashesWhatIsPlanned', () => {
  const options = optionsFor(chart, name => `<${name}>`, false);
  assert.deepEqual(options.colors, ['<--accent>', '<--moving>']);
  assert.deepEqual(options.stroke.dashArray, [0, 5]);
  assert.equal(options.chart.animations.enabled, true);
});

test('optionsFor_ReducedMotion_DoesNotMove', () => assert.equal(optionsFor(chart, () => '', true).chart.animations.enabled, false));
