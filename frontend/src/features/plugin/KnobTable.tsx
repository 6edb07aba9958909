"use client";

import { When } from "@/components/optimization/When";
import { useLanguage } from "@/lib/i18n/context";
import type { MessageKey } from "@/lib/i18n/messages";
import { partName } from "@/lib/partName";
import type { Knob, PluginDetail } from "@/lib/types";
import { valueText } from "@/lib/values";

interface Props {
  plugin: PluginDetail;
  onShowExecution: (id: string) => void;
}

/** What can be turned: as it is, as it is suggested, within which bounds, and who set it when. */
export function KnobTable({ plugin, onShowExecution }: Props) {
  const { t } = useLanguage();
  return (
    <section className="card" data-testid="knobs">
      <h2>{t("panel.knobs")}</h2>
      {plugin.knobs.length === 0
        ? <p className="muted">{t("panel.knobs.none")}</p>
        : (
          <div className="table-scroll" tabIndex={0} role="region" aria-label={t("panel.knobs")}>
            <table className="figures stacks">
              <thead>
                <tr>
                  <th scope="col">{t("knob.name")}</th><th scope="col" className="number">{t("knob.now")}</th><th scope="col" className="number">{t("knob.suggested")}</th>
                  <th scope="col">{t("knob.bounds")}</th><th scope="col">{t("knob.turned")}</th>
                </tr>
              </thead>
              <tbody>{plugin.knobs.map((knob) => <KnobRow key={knob.name} knob={knob} onShowExecution={onShowExecution} />)}</tbody>
            </table>
          </div>
        )}
    </section>
  );
}

function KnobRow({ knob, onShowExecution }: { knob: Knob; onShowExecution: (id: string) => void }) {
  const { t, format } = useLanguage();
  const show = (value: Knob["value"]) => valueText(value, knob.unit, format);
  const bounds = knob.choices?.length
    ? knob.choices.map(show).join(" · ")
    : knob.minimum !== null || knob.maximum !== null ? `${show(knob.minimum)} – ${show(knob.maximum)}` : null;
  return (
    <tr data-testid={`knob-${knob.name}`}>
      <th scope="row"><code>{knob.name}</code></th>
      <td className="number" data-label={t("knob.now")}><strong>{show(knob.value)}</strong></td>
      <td className="number" data-label={t("knob.suggested")}>{knob.suggested === null || knob.suggested === undefined ? <span className="muted">–</span> : <strong className="tone-accent">{show(knob.suggested)}</strong>}</td>
      <td data-label={t("knob.bounds")}>
        {bounds}
        <span className="muted small knob-how">{[t(`disruption.${knob.disruption}` as MessageKey), knob.persistent ? t("knob.persistent") : null].filter(Boolean).join(" · ")}</span>
      </td>
      <td data-label={t("knob.turned")}><Turned knob={knob} onShowExecution={onShowExecution} /></td>
    </tr>
  );
}

function Turned({ knob: { turned }, onShowExecution }: { knob: Knob; onShowExecution: (id: string) => void }) {
  const { t } = useLanguage();
  if (!turned) return <span className="muted">{t("knob.turned.nobody")}</span>;
  const who = turned.by === "outside" ? t("knob.turned.outside") : partName(t, "author", turned.by);
  const execution = turned.execution_id;
  return (
    <span className="turned">
      {execution ? <button type="button" className="link" onClick={() => onShowExecution(execution)}>{who}</button> : <span>{who}</span>}
      <span className="muted small"><When at={turned.at} /></span>
    </span>
  );
}
