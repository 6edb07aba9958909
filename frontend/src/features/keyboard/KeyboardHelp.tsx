"use client";

import { Button } from "@/components/ui/Button";
import { Dialog } from "@/components/ui/Dialog";
import { useLanguage } from "@/lib/i18n/context";
import type { MessageKey } from "@/lib/i18n/messages";
import { useShortcutsOn } from "@/lib/shortcuts";

const KEYS: readonly { keys: readonly string[]; does: MessageKey; single: boolean }[] = [
  { keys: ["/"], does: "keys.search", single: true },
  { keys: ["j", "k"], does: "keys.cards", single: true },
  { keys: ["?"], does: "keys.help", single: true },
  { keys: ["Tab"], does: "keys.tab", single: false },
  { keys: ["←", "→", "Home", "End"], does: "keys.tabs", single: false },
  { keys: ["↑", "↓", "Page Up", "Page Down"], does: "keys.rows", single: false },
  { keys: ["Enter"], does: "keys.enter", single: false },
  { keys: ["Esc"], does: "keys.escape", single: false },
];

/** Which keys do what, and the switch for the single ones. */
export default function KeyboardHelp({ onClose }: { onClose: () => void }) {
  const { t } = useLanguage();
  const [on, setOn] = useShortcutsOn();
  return (
    <Dialog role="dialog" title={t("keys.title")} onClose={onClose} actions={<Button kind="primary" data-autofocus data-testid="close-help" onClick={onClose}>{t("keys.close")}</Button>}>
      <dl className="keys">
        {KEYS.map(({ keys, does, single }) => (
          <div key={does} className={single && !on ? "is-off" : undefined}>
            <dt>{keys.map((key) => <kbd key={key}>{key}</kbd>)}</dt>
            <dd>{t(does)}</dd>
          </div>
        ))}
      </dl>
      <label className="check">
        <input type="checkbox" checked={on} data-testid="single-keys" onChange={(event) => setOn(event.target.checked)} /> {t("keys.single")}
      </label>
    </Dialog>
  );
}
