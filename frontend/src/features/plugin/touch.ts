import type uPlot from "uplot";

/** Let a finger choose a stretch, as a mouse does: along the axis it chooses, across it the page scrolls (see the style sheet). */
export function watchTouch(plot: uPlot, leastPx: number, onZoom: (from: number, to: number) => void): () => void {
  let begun: number | null = null;
  const place = (event: PointerEvent) => event.clientX - plot.over.getBoundingClientRect().left;
  const show = (from: number, to: number) =>
    plot.setSelect({ left: Math.min(from, to), top: 0, width: Math.abs(to - from), height: plot.over.clientHeight }, false);

  const down = (event: PointerEvent) => {
    if (event.pointerType === "mouse") return;
    begun = place(event);
    plot.setCursor({ left: begun, top: 0 });
  };
  const move = (event: PointerEvent) => {
    if (begun === null) return;
    plot.setCursor({ left: place(event), top: 0 });
    show(begun, place(event));
  };
  const up = (event: PointerEvent) => {
    if (begun === null) return;
    const [from, to] = [Math.min(begun, place(event)), Math.max(begun, place(event))];
    end();
    if (to - from >= leastPx) onZoom(plot.posToVal(from, "x"), plot.posToVal(to, "x"));
  };
  const end = () => {
    begun = null;
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  };
  const listeners = { pointerdown: down, pointermove: move, pointerup: up, pointercancel: end };
  for (const [name, listener] of Object.entries(listeners)) plot.over.addEventListener(name, listener as EventListener);
  return () => {
    for (const [name, listener] of Object.entries(listeners)) plot.over.removeEventListener(name, listener as EventListener);
  };
}
