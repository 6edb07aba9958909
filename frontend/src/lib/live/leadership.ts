/** One tab of the browser leads: it alone holds the stream. Who leads is settled among the visible tabs. */

import { electByMessages } from "./election";

/** Called in the tab that begins to lead; returns what ends it. */
export type Lead = () => () => void;

/**
 * Take part until the returned function is called; a tab that leads hands over then. By a Web Lock, which the browser
 * passes on even when a tab crashes; where there are none (plain http to another host) by messages; and where there
 * are no messages either, each tab leads for itself.
 */
export function takePart(name: string, lead: Lead): () => void {
  if (typeof BroadcastChannel === "undefined") return lead();
  return navigator.locks ? electByLock(name, lead) : electByMessages(name, lead);
}

function electByLock(name: string, lead: Lead): () => void {
  const leaving = new AbortController();
  let leave = () => {};
  const left = new Promise<void>((resolve) => (leave = resolve));
  const holding = async () => {
    if (leaving.signal.aborted) return;
    const end = lead();
    await left;
    end();
  };
  let instead = () => {};
  void navigator.locks.request(name, { signal: leaving.signal }, holding).catch(() => {
    if (!leaving.signal.aborted) instead = electByMessages(name, lead); // locks are there, but not for this page
  });
  return () => {
    leaving.abort();
    leave();
    instead();
  };
}
