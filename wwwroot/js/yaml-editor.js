// The plan's YAML in an editor (CodeMirror): proposals from the published schema, the server's errors beside their lines, colours from the tokens.
import { acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '../lib/codemirror/codemirror-autocomplete.js';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '../lib/codemirror/codemirror-commands.js';
import { yaml } from '../lib/codemirror/codemirror-lang-yaml.js';
import { bracketMatching, foldGutter, foldKeymap, HighlightStyle, indentOnInput, syntaxHighlighting } from '../lib/codemirror/codemirror-language.js';
import { forEachDiagnostic, lintGutter, nextDiagnostic, previousDiagnostic, setDiagnostics } from '../lib/codemirror/codemirror-lint.js';
import { Compartment, EditorState, StateField } from '../lib/codemirror/codemirror-state.js';
import { Decoration, drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, hoverTooltip, keymap, lineNumbers, WidgetType } from '../lib/codemirror/codemirror-view.js';
import { tags } from '../lib/codemirror/lezer-highlight.js';
import { placeAt } from './yaml/outline.js';
import { about, keysAt, valuesAt } from './yaml/schema.js';

const colours = HighlightStyle.define([
  { tag: [tags.definition(tags.propertyName), tags.propertyName], color: 'var(--accent)' },
  { tag: [tags.comment, tags.lineComment], color: 'var(--muted)', fontStyle: 'italic' },
  { tag: [tags.punctuation, tags.separator, tags.squareBracket, tags.brace, tags.meta], color: 'var(--muted)' },
]);

const look = EditorView.theme({
  '&': { color: 'var(--text)', backgroundColor: 'var(--bg)', fontSize: '13px' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '20px', minHeight: '320px', overflow: 'auto' },
  '.cm-content': { padding: '10px 0', caretColor: 'var(--text)' },
  '.cm-cursor, .cm-dropCursor': { borderLeftColor: 'var(--text)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { background: 'color-mix(in srgb, var(--accent) 30%, transparent)' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'color-mix(in srgb, var(--surface-2) 55%, transparent)' },
  '.cm-matchingBracket, &.cm-focused .cm-matchingBracket': { backgroundColor: 'transparent', outline: '1px solid var(--line-strong)' },
  '.cm-gutters': { color: 'var(--muted)', backgroundColor: 'var(--bg)', border: 'none', borderRight: '1px solid var(--line)' },
  '.cm-lineNumbers .cm-gutterElement': { padding: '0 4px 0 2px', minWidth: '24px' },
  '.cm-gutter-lint': { width: '18px' },
  '.cm-gutter-lint .cm-gutterElement': { padding: '0' },
  '.cm-foldPlaceholder': { color: 'var(--muted)', backgroundColor: 'var(--surface-2)', border: '1px solid var(--line)' },
  '.cm-lintRange-error': { backgroundImage: 'none', textDecoration: 'underline wavy var(--bad)', textUnderlineOffset: '3px' },
  '.cm-lintRange-warning': { backgroundImage: 'none', textDecoration: 'underline dotted var(--wait)', textUnderlineOffset: '3px' },
  '.cm-lintRange-info': { backgroundImage: 'none' },
  '.cm-lint-marker': { content: 'none', width: '18px', height: '20px', textAlign: 'center', fontWeight: '700', cursor: 'help' },
  '.cm-lint-marker-error': { color: 'var(--bad)' },
  '.cm-lint-marker-error::before': { content: '"✕"' },
  '.cm-lint-marker-warning': { color: 'var(--wait)' },
  '.cm-lint-marker-warning::before': { content: '"▲"', fontSize: '10px' },
  '.cm-lens': { marginLeft: '24px', padding: '0 8px', borderRadius: '4px', font: '12px / 18px var(--font)', display: 'inline-block', maxWidth: '46ch', overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap', verticalAlign: 'top', userSelect: 'none' },
  '.cm-lens-error': { color: 'var(--bad)', boxShadow: 'inset 0 0 0 1px color-mix(in srgb, var(--bad) 45%, transparent)' },
  '.cm-lens-warning': { color: 'var(--wait)', boxShadow: 'inset 0 0 0 1px color-mix(in srgb, var(--wait) 45%, transparent)' },
  '.cm-tooltip': { color: 'var(--text)', backgroundColor: 'var(--surface)', border: '1px solid var(--line-strong)', borderRadius: 'var(--radius)', boxShadow: '0 6px 24px rgb(0 0 0 / 28%)', font: '13px / 1.45 var(--font)', maxWidth: 'min(420px, 92vw)' },
  '.cm-tooltip .about, .cm-tooltip.cm-completionInfo': { padding: '8px 12px' },
  '.cm-tooltip .about strong': { display: 'block', fontFamily: 'var(--mono)', fontSize: '12px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mono)', fontSize: '13px', maxHeight: '15em' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '3px 10px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': { color: 'var(--on-accent)', backgroundColor: 'var(--accent)' },
  '.cm-tooltip-autocomplete > ul > li[aria-selected] .cm-completionDetail': { color: 'inherit' },
  '.cm-completionDetail': { color: 'var(--muted)', fontStyle: 'normal', fontSize: '12px' },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--bad)' },
  '.cm-diagnostic-warning': { borderLeftColor: 'var(--wait)' },
});

class Lens extends WidgetType {
  constructor(severity, message) {
    super();
    this.severity = severity;
    this.message = message;
  }

  eq(other) {
    return other.severity === this.severity && other.message === this.message;
  }

  toDOM() {
    const lens = document.createElement('span');
    lens.className = `cm-lens cm-lens-${this.severity}`;
    lens.textContent = this.message;
    lens.setAttribute('aria-hidden', 'true'); // the list under the editor says it
    return lens;
  }
}

// The first error of a line in words at its end; the mark in the gutter and the list under the editor have all of them.
const lenses = StateField.define({
  create: () => Decoration.none,
  update(_, transaction) {
    const first = new Map();
    forEachDiagnostic(transaction.state, (d, from) => {
      const line = transaction.state.doc.lineAt(from);
      if (d.severity !== 'info' && (!first.has(line.to) || first.get(line.to).severity !== 'error')) first.set(line.to, d);
    });
    return Decoration.set([...first].sort((a, b) => a[0] - b[0]).map(([to, d]) => Decoration.widget({ widget: new Lens(d.severity, d.message), side: 1 }).range(to)));
  },
  provide: field => EditorView.decorations.from(field),
});

/** A number beyond the text, which a moment's delay can bring, is the nearest line. */
const lineOf = (state, number) => state.doc.line(Math.min(Math.max(number, 1), state.doc.lines));

/** Where a diagnostic is drawn: what stands on its line. */
function rangeOf(state, line) {
  const { from, text } = lineOf(state, line);
  const start = text.search(/\S/);
  return start < 0 ? { from, to: from } : { from: from + start, to: from + text.trimEnd().length };
}

/**
 * @param {HTMLElement} host @param {{ text: string, label: string, describedBy: string, schema: string, words: object, largest: number }} options
 * @param {{ invokeMethodAsync(name: string, ...args: unknown[]): Promise<void> }} blazor told of every change by TypedAsync(text)
 */
export function create(host, options, blazor) {
  let { words } = options;
  let schema = null;
  let setting = false;
  const attributes = new Compartment();
  const described = wrong => EditorView.contentAttributes.of({
    'aria-label': options.label, 'aria-describedby': options.describedBy, 'aria-invalid': String(wrong), spellcheck: 'false', autocapitalize: 'off', autocorrect: 'off',
  });

  const read = fetch(options.schema).then(answer => (answer.ok ? answer.json() : Promise.reject(new Error(`${options.schema}: ${answer.status}`)))).then(text => { schema = text; }).catch(fault => console.error('no proposals:', fault));

  const place = (state, position) => {
    const line = state.doc.lineAt(position);
    return placeAt(state.doc.toString().split('\n'), line.number - 1, position - line.from);
  };

  // Who types before the schema is there gets the proposals when it is.
  const propose = context => (schema ? proposals(context) : read.then(() => (schema && !context.aborted ? proposals(context) : null)));

  function proposals(context) {
    const here = place(context.state, context.pos);
    if (!here) return null;
    const word = context.matchBefore(here.kind === 'key' ? /[\w-]*/ : /[^\s,[\]{}'"]*/);
    if (!context.explicit && word.from === word.to && here.kind === 'key') return null;
    const options = here.kind === 'key' ? keysAt(schema, here.path, here.known).map((key, i) => ({ ...keyOption(here, key), boost: key.required ? 50 - i : -i }))
      : valuesAt(schema, here.path, here.known, words).map((v, i) => ({ label: v.text, detail: v.detail, info: v.about || undefined, boost: -i }));
    return options.length > 0 ? { from: word.from, options, validFor: /^[\w.+-]*$/ } : null;
  }

  function keyOption(here, key) {
    const inner = ' '.repeat(here.column + (key.dash ? 4 : 2));
    const after = here.flow || !['object', 'array'].includes(key.kind) ? ': ' : `:\n${inner}`;
    return { label: key.name, detail: key.required ? 'required' : '', info: key.about || undefined, apply: `${key.dash ? '- ' : ''}${key.name}${after}` };
  }

  const explain = hoverTooltip((view, position) => {
    const word = schema && view.state.wordAt(position);
    const here = word && place(view.state, word.from);
    if (!here?.key || here.kind !== 'key') return null;
    const text = about(schema, [...here.path, here.key]);
    return text ? { pos: word.from, end: word.to, above: true, create: () => ({ dom: card(here.key, text) }) } : null;
  });

  const view = new EditorView({
    parent: host,
    state: EditorState.create({
      doc: options.text,
      extensions: [
        lineNumbers(), foldGutter(), lintGutter(), history(), drawSelection(), indentOnInput(), bracketMatching(), closeBrackets(), highlightActiveLine(), highlightActiveLineGutter(),
        yaml(), syntaxHighlighting(colours), look, explain, lenses, EditorView.scrollMargins.of(() => ({ top: 64, bottom: 96 })), attributes.of(described(false)), EditorState.tabSize.of(2),
        autocompletion({ override: [propose], icons: false, activateOnTypingDelay: 60 }),
        keymap.of([{ key: 'Tab', run: acceptCompletion }, { key: 'F8', run: nextDiagnostic }, { key: 'Shift-F8', run: previousDiagnostic }, ...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...foldKeymap, indentWithTab, ...defaultKeymap]),
        EditorState.transactionFilter.of(t => (t.docChanged && t.newDoc.length > options.largest && t.newDoc.length > t.startState.doc.length ? [] : t)),
        EditorView.updateListener.of(update => {
          if (update.docChanged && !setting) blazor.invokeMethodAsync('TypedAsync', view.state.doc.toString());
        }),
      ],
    }),
  });

  return {
    setText(text) {
      if (text === view.state.doc.toString()) return;
      setting = true;
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
      setting = false;
    },
    setMarks(marks) {
      const found = marks.map(m => ({ ...rangeOf(view.state, m.line), severity: m.severity, message: m.message })).sort((a, b) => a.from - b.from);
      view.dispatch(setDiagnostics(view.state, found), { effects: attributes.reconfigure(described(marks.some(m => m.severity === 'error'))) });
    },
    setWords(more) {
      words = more;
    },
    goTo(line) {
      const { from, to } = rangeOf(view.state, line);
      view.dispatch({ selection: { anchor: from, head: to }, effects: EditorView.scrollIntoView(from, { y: 'center' }) });
      view.focus();
    },
    dispose() {
      view.destroy();
    },
  };
}

function card(key, text) {
  const dom = document.createElement('div');
  dom.className = 'about';
  const name = document.createElement('strong');
  name.textContent = key;
  dom.append(name, text);
  return dom;
}
