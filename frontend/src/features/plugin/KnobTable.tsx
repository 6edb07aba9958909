"use client";

import { useLanguage } from "@/lib/i18n/context";
import type { MessageKey } from "@/lib/i18n/messages";
import type { Knob, PluginDetail } from "@/lib/types";
import { valueText } from "@/lib/values";

export function KnobTable({ plugin }: { plugin: PluginDetail }) {
  const { t } = useLanguage();
  return (
    <div>
      <h3>{t("panel.knobs")}</h3>
      {plugin.knobs.length === 0 && <p className="muted">{t("panel.knobs.none")}</p>}
      <ul className="knobs">
        {plugin.knobs.map((knob) => <KnobEntry key={knob.name} knob={knob} />)}
      </ul>
    </div>
  );
}

function KnobEntry({ knob }: { knob: Knob }) {
  const { t, format } = useLanguage();
  const show = (value: Knob["value"]) => valueText(value, knob.unit, format);
  const bounds = knob.choices?.length
    ? knob.choices.map(show).join(" · ")
    : knob.minimum !== null || knob.maximum !== null ? `${show(knob.minimum)} – ${show(knob.maximum)}` : null;
  return (
    <li>
      <code>{knob.name}</code>
      <strong>{show(knob.value)}</strong>
      <span className="muted small">
        {[bounds, t(`disruption.${knob.disruption}` as MessageKey), knob.persistent ? t("knob.persistent") : null].filter(Boolean).join(" · ")}
      </span>
    </li>
  );
}
