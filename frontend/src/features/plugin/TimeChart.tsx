"use client";

import { useCallback, useEffect, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { useLanguage } from "@/lib/i18n/context";
import { bridged, measuredUntil, standingAt } from "@/lib/gaps";
import { useTheme } from "@/lib/theme";
import type { Column } from "@/lib/pluginTypes";
import { keyDeed, type KeyState } from "./chartKeys";
import { createPlot, type Drawn, type Plot } from "./plot";
import type { Zoom } from "./useZoom";

interface Props {
  metric: string;
  name: string;
  times: number[];
  values: Column;
  compared: Column | null;
  drawn: Drawn;
  describedBy: string;
  zoom: Zoom;
  /** Tell what stands under the cursor; null: the pointer is elsewhere. */
  onRead: (index: number | null) => void;
}

/** A line over time that is read by eye, by arrow keys and by a screen reader, and zoomed by mouse, finger or keys. */
export default function TimeChart({ metric, name, times, values, compared, drawn, describedBy, zoom, onRead }: Props) {
  const { t, lang, format } = useLanguage();
  const { resolved } = useTheme();
  const host = useRef<HTMLDivElement>(null);
  const made = useRef<Plot | null>(null);
  const latest = useRef(drawn);
  const [keys, setKeys] = useState<KeyState | null>(null);
  const [spoken, setSpoken] = useState("");
  const isCompared = compared !== null;
  const line = useMemo(() => bridged(values), [values]);
  const comparedLine = useMemo(() => compared && bridged(compared), [compared]);

  useEffect(() => {
    if (!host.current) return;
    made.current = createPlot(host.current, {
      drawn: latest, locale: lang, limitText: t("chart.limit"), label: name, compared: isCompared, binary: metric.endsWith("bytes"), onRead,
      show: (value) => format.metric(metric, value), onZoom: (from, to) => zoom.to({ from: from * 1000, to: to * 1000 }),
    });
    return () => {
      made.current?.destroy();
      made.current = null;
    };
  }, [resolved, metric, name, lang, format, t, isCompared, onRead, zoom]);

  useEffect(() => {
    latest.current = drawn;
    made.current?.plot.setData(comparedLine ? [times, line, comparedLine] : [times, line]);
  }, [drawn, times, line, comparedLine, resolved, metric, name, lang, format, t, onRead, zoom]);

  const say = useCallback((index: number) => {
    const at = times[index];
    if (at !== undefined) setSpoken(`${format.clock(new Date(at * 1000).toISOString())} ${format.metric(metric, standingAt(values, index))}`);
  }, [times, values, format, metric]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const count = measuredUntil(values); // what is newer was not measured yet
    const state = keys ?? { index: made.current?.plot.cursor.idx ?? count - 1, anchor: null };
    const deed = keyDeed(event.key, event.shiftKey, state, count);
    if (!deed || !made.current) return;
    event.preventDefault();
    if (deed.do === "reset") return zoom.out();
    if (deed.do === "scale") return zoom.by(deed.factor, (times[state.index] ?? drawn.to) * 1000);
    if (deed.do === "zoom") {
      setKeys(null);
      return zoom.to({ from: (times[deed.from] ?? 0) * 1000, to: (times[deed.to] ?? 0) * 1000 });
    }
    move(made.current, deed.state);
  };

  const move = ({ plot, choose }: Plot, state: KeyState) => {
    setKeys(state);
    const at = times[state.index] ?? 0;
    plot.setCursor({ left: plot.valToPos(at, "x"), top: plot.valToPos(standingAt(values, state.index) ?? 0, "y") });
    const other = state.anchor === null ? at : (times[state.anchor] ?? at);
    choose(Math.min(at, other), Math.max(at, other));
    say(state.index);
  };

  const leave = () => {
    setKeys(null);
    made.current?.choose(0, 0);
  };

  return (
    <>
      <div
        ref={host} className="chart-host" tabIndex={0} role="group" aria-label={t("chart.label", { metric: name })} aria-describedby={describedBy}
        onKeyDown={onKeyDown} onBlur={leave} data-testid={`plot-${metric}`}
      />
      <p className="visually-hidden" aria-live="polite">{spoken}</p>
    </>
  );
}
