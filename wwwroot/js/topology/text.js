// How words are made to fit beside a shape. Pure.
import { zoneText } from './meaning.js';

const roomForMore = 130;

/** Shortened with an ellipsis where it is longer than the room. */
export function fit(text, room, perCharacter) {
  const most = Math.max(3, Math.floor(room / perCharacter));
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

/** Parts joined as far as they fit; the first always stays, shortened if it must be. */
export function joinFitting(parts, room, perCharacter) {
  let text = fit(parts[0] ?? '', room, perCharacter);
  for (const part of parts.slice(1)) {
    const longer = `${text} · ${part}`;
    if (longer.length * perCharacter > room) break;
    text = longer;
  }
  return text;
}

/** What stands under a member's name, the most telling first. Where there is room for several, the version always leads; a state that is not plain health comes before everything. */
export function subParts(instance, state, role, lag, room) {
  const behind = role.leads ? null : lag;
  const says = state.tone === 'ok' ? null : state.tone === 'wait' && behind ? behind : state.word;
  const rest = [zoneText(instance), instance.node];
  const parts = says ? [says, instance.version, behind === says ? null : behind, ...rest] : room >= roomForMore ? [instance.version, behind, ...rest] : [behind ?? instance.version, ...rest];
  return parts.filter(Boolean);
}
