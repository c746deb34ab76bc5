// Draws with ApexCharts, in the colours of the theme. The library is loaded when the first chart is: pages without one do not pay for it.
const charts = new WeakMap();
const palette = ['--accent', '--moving', '--wait', '--bad', '--ok', '--muted', '--line-strong', '--text'];
let library;

function load() {
  library ??= new Promise((resolve, reject) => {
    if (globalThis.ApexCharts) return resolve(globalThis.ApexCharts);
    const script = document.createElement('script');
    script.src = new URL('lib/apexcharts/apexcharts.min.js', document.baseURI).href;
    script.onload = () => resolve(globalThis.ApexCharts);
    script.onerror = () => reject(new Error('apexcharts.min.js could not be loaded'));
    document.head.append(script);
  });
  return library;
}

/** Four significant digits, as .NET's G4 writes them. @param {number} value */
function exact(value) {
  const size = Math.abs(value);
  if (value === 0 || (size >= 1e-4 && size < 9999.5)) return String(+value.toPrecision(4));
  const [digits, power] = value.toExponential(3).split('e');
  return `${+digits}E${power[0]}${power.slice(1).padStart(2, '0')}`;
}

/** The same words as ChartFigures on the server. @param {number} value @param {string} format */
export function figure(value, format) {
  if (value === null || value === undefined || Number.isNaN(value)) return '';
  if (format === 'seconds') {
    if (value < 1) return `${value.toFixed(1)} s`;
    if (value < 60) return `${Math.floor(value)} s`;
    if (value < 3600) return `${Math.floor(value / 60)} m ${String(Math.floor(value % 60)).padStart(2, '0')} s`;
    return `${Math.floor(value / 3600)} h ${String(Math.floor((value % 3600) / 60)).padStart(2, '0')} m`;
  }
  if (format === 'exact') return exact(value);
  if (format === 'bytes') return `${+(value / 1048576).toFixed(2)} MiB`;
  return String(+value.toFixed(2));
}

/** ApexCharts' options for ours. @param {object} chart what the component sends @param {(name: string) => string} colour @param {boolean} calm */
export function optionsFor(chart, colour, calm) {
  return {
    series: chart.series.map(({ name, type, data }) => ({ name, type, data })),
    chart: { type: 'line', height: chart.height, fontFamily: 'inherit', background: 'transparent', foreColor: colour('--muted'), toolbar: { show: false }, zoom: { enabled: false }, animations: { enabled: !calm, speed: 250 } },
    colors: chart.series.map((_, i) => colour(palette[i % palette.length])),
    stroke: { curve: chart.curve, width: chart.width, dashArray: chart.series.map(s => s.dashed ? 5 : 0) },
    fill: { type: 'solid', opacity: chart.series.map(s => s.type === 'area' ? 0.18 : 1) },
    markers: { size: 0 },
    dataLabels: { enabled: false },
    legend: { show: chart.series.length > 1, position: 'bottom', horizontalAlign: 'left', fontSize: '12px', markers: { size: 5 } },
    grid: { borderColor: colour('--line'), padding: { left: 8, right: 8, top: -12 } },
    tooltip: { theme: document.documentElement.dataset.theme === 'light' ? 'light' : 'dark', x: chart.time ? { format: 'HH:mm:ss' } : {}, y: { formatter: v => figure(v, chart.format) } },
    xaxis: { type: chart.time ? 'datetime' : 'numeric', labels: { datetimeUTC: false, datetimeFormatter: { hour: 'HH:mm', minute: 'HH:mm', second: 'HH:mm:ss' } }, axisBorder: { color: colour('--line') }, axisTicks: { color: colour('--line') }, tooltip: { enabled: false } },
    yaxis: { min: chart.min ?? undefined, forceNiceScale: true, decimalsInFloat: chart.whole ? 0 : undefined, labels: { formatter: v => chart.whole ? String(Math.round(v)) : figure(v, chart.format) } },
    noData: { text: '' },
  };
}

const colours = () => {
  const style = getComputedStyle(document.documentElement);
  return name => style.getPropertyValue(name).trim();
};

const calm = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

/** @param {HTMLElement} root @param {object} chart */
export async function draw(root, chart) {
  const Apex = await load();
  if (!root?.isConnected) return;
  const known = charts.get(root);
  if (known) {
    known.chart = chart;
    await known.apex.updateOptions(optionsFor(chart, colours(), calm()), false, !calm());
    return;
  }
  const apex = new Apex(root, optionsFor(chart, colours(), calm()));
  const entry = { apex, chart };
  charts.set(root, entry);
  await apex.render();
  entry.watch = new MutationObserver(() => apex.updateOptions(optionsFor(entry.chart, colours(), true), false, false));
  entry.watch.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
}

/** @param {HTMLElement} root */
export function destroy(root) {
  const known = charts.get(root);
  known?.watch?.disconnect();
  known?.apex.destroy();
  charts.delete(root);
}
