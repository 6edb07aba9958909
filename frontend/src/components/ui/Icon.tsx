/** Line icons on a 24-grid. They only repeat what a word beside them says, so they are hidden from screen readers. */

const PATHS = {
  check: "M4 12.5 9.5 18 20 6.5",
  ok: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM8 12.5l3 3 5-6",
  alert: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 7.5v5.5M12 16.4v.1",
  warning: "M12 4 2.8 20h18.4L12 4ZM12 10v4.5M12 17.4v.1",
  unknown: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM9.6 9.4a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.2 1-1.2 1.9M12 16.6v.1",
  off: "M12 3.5v8M6.6 7A8 8 0 1 0 17.4 7",
  play: "M7 4.5v15l12-7.5-12-7.5Z",
  undo: "M8.5 5 4 9.5 8.5 14M4 9.5h10a6 6 0 0 1 0 12h-3",
  down: "m6 9 6 6 6-6",
  up: "m6 15 6-6 6 6",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM16 16l4.5 4.5",
  close: "M6 6l12 12M18 6 6 18",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 7v5.2l3.4 2",
  leave: "M14 4h5v16h-5M10 8l-4 4 4 4M6 12h9",
  stop: "M8 3h8l5 5v8l-5 5H8l-5-5V8l5-5ZM8.5 12h7",
  partial: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 3v18M12 8h6M12 12h8M12 16h6",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.5 21a7.5 7.5 0 0 1 15 0",
  hand: "M8 12.5V5.8a1.6 1.6 0 0 1 3.2 0V11m0-1V4.6a1.6 1.6 0 0 1 3.2 0V11m0-4.6a1.6 1.6 0 0 1 3.2 0v8.1c0 4-2.6 6.5-6 6.5-3 0-4.6-1.3-6-3.8L3.7 13c1-1.3 2.6-1.2 3.6.1l.7.9",
  pulse: "M2.5 12.5H7l3-8 4.5 15 2.8-7h4.2",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      className="icon" width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor"
      strokeWidth={2} strokeLinecap="round" strokeLinejoin="round" aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
