/** The tabs of a browser share one connection: the leading one holds it and passes on what it hears. */

import { connect, type LiveMode, type Told } from "./connection";
import { takePart } from "./leadership";

type Word = { kind: "who" } | { kind: "mode"; mode: LiveMode } | { kind: "changed" };

interface Channel {
  onmessage: ((event: MessageEvent<Word>) => void) | null;
  postMessage: (word: Word) => void;
  close: () => void;
}

const ALONE: Channel = { onmessage: null, postMessage: () => undefined, close: () => undefined };

/** Hear, by whichever tab, what changes at the server, until the returned function is called. `name` is the server's. */
export function join(name: string, tell: Told): () => void {
  const channel: Channel = typeof BroadcastChannel === "undefined" ? { ...ALONE } : new BroadcastChannel(name);
  let leads: LiveMode | null = null;

  const aloud: Told = {
    mode: (mode) => {
      leads = mode;
      tell.mode(mode);
      channel.postMessage({ kind: "mode", mode });
    },
    changed: () => {
      tell.changed();
      channel.postMessage({ kind: "changed" });
    },
  };
  channel.onmessage = ({ data }) => {
    if (data.kind === "mode") tell.mode(data.mode);
    else if (data.kind === "changed") tell.changed();
    else if (leads) channel.postMessage({ kind: "mode", mode: leads });
  };
  const leave = takePart(name, () => {
    const close = connect(aloud);
    return () => {
      leads = null;
      close();
    };
  });
  channel.postMessage({ kind: "who" });
  return () => {
    leave();
    channel.close();
  };
}
