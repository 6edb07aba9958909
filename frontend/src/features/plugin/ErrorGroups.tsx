"use client";

import { When } from "@/components/optimization/When";
import { useLanguage } from "@/lib/i18n/context";
import type { Anatomy, FailedGroup } from "@/lib/pluginTypes";
import type { ErrorGroup } from "@/lib/types";

interface Props {
  /** What failed within the shown stretch; undefined while that is not known. */
  found: Anatomy | undefined;
  /** What the probe ever had on record. */
  known: ErrorGroup[];
}

/** Which errors there are, how many, since when, and what explains them. */
export function ErrorGroups({ found, known }: Props) {
  const { t } = useLanguage();
  const failed = found?.failed ?? [];
  const others = known.filter((group) => !failed.some((other) => other.fingerprint === group.fingerprint));
  return (
    <section className="card" aria-labelledby="errors-title" data-testid="error-groups">
      <h2 id="errors-title">{t("errors.title")}</h2>
      {found && failed.length === 0 && <p className="muted">{t(found.requests ? "errors.none" : "errors.unknown")}</p>}
      <ul className="errors">
        {failed.map((group) => <li key={group.fingerprint}><Failed group={group} /></li>)}
      </ul>
      {others.length > 0 && (
        <>
          <h3>{t("errors.earlier")}</h3>
          <ul className="errors">
            {others.map((group) => (
              <li key={group.fingerprint}>
                <details>
                  <summary>
                    <code>{group.exception}</code> <span>{group.message}</span>
                    <span className="muted small">{t("panel.lastSeen")} <When at={group.last_seen} only="relative" /></span>
                  </summary>
                  <Frames frames={group.frames} />
                </details>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function Failed({ group }: { group: FailedGroup }) {
  const { t, format } = useLanguage();
  return (
    <details open={group.of_failed_ratio > 0.5}>
      <summary>
        <code>{group.exception ?? t("errors.noException")}</code> <span>{group.message}</span>
        <span className="muted small">
          {t("errors.count", { n: group.requests, count: format.number(group.requests, 7), share: format.share(group.of_all_ratio, 1) })} · {t("panel.since")} <When at={group.since} only="relative" />
        </span>
      </summary>
      <ul className="causes">
        {group.causes.map((cause) => <li key={cause.code}>{cause.text}</li>)}
      </ul>
      {group.first_seen && <p className="muted small">{t("panel.firstSeen")} <When at={group.first_seen} /></p>}
      <Frames frames={group.frames} />
    </details>
  );
}

function Frames({ frames }: { frames: string[] }) {
  return frames.length > 0 ? <pre tabIndex={0}>{frames.join("\n")}</pre> : null;
}
