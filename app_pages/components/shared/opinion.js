// The words of a review, and how what an inspector says goes to the server: one thing at a time, each once.

import { Refused } from "./net.js";

export const VERDICTS = { agree: "认可", adjust: "调整", material: "补材料", site: "现场核查", none: "无意见" };
export const MARKS = { agree: "定论", adjust: "定论", material: "补材料", site: "现场核查", none: "无意见" };

/** A finding as it waits in the queue. */
export const finding = (verdict, points = null, reason = null) => ({ verdict, points, reason });

/**
 * Send what waits, one by one. `routes(fact)` gives {path, body(value), theirs(details)} of an entry by its name in the
 * queue. Returns what was kept and what was refused, as the queue expects it.
 */
export async function sendAll(call, batch, keepalive, routes) {
  const kept = { saved: [], refused: [] };
  for (const { fact, value, base, op } of batch) {
    const route = routes(fact);
    try {
      const done = await call("PUT", route.path, { op, body: { ...route.body(value), base }, keepalive });
      kept.saved.push({ name: fact, version: done.version, at: new Date().toISOString() });
    } catch (error) {
      if (!(error instanceof Refused) || error.passing || error.status === 401 || error.status === 403) throw error;
      const { version, current } = error.details;
      const what = error.message.replace(/。$/, "");
      if (error.code !== "changed") kept.refused.push({ kind: "invalid", what, details: { fact } });
      else kept.refused.push({ kind: "conflict", what, details: { fact, version, theirs: current ? { value: route.theirs(current), at: current.at } : null } });
    }
  }
  return kept;
}
