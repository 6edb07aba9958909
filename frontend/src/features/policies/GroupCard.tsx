"use client";

import { useState } from "react";
import { ErrorNotice, errorText } from "@/components/optimization/ErrorNotice";
import { Button } from "@/components/ui/Button";
import { Dialog } from "@/components/ui/Dialog";
import { Skeleton } from "@/components/ui/Skeleton";
import { useLanguage } from "@/lib/i18n/context";
import { usePermission } from "@/lib/permission";
import { EMPTY_GROUP, typedOf } from "@/lib/policyGroupDraft";
import { groupTarget, usePluginGroup, useRemoveGroup } from "@/lib/policyGroups";
import type { PluginGroup } from "@/lib/policyGroupTypes";
import { EVERYONE } from "@/lib/policySource";
import type { PolicyField } from "@/lib/policyTypes";
import { GroupForm } from "./GroupForm";

interface Props {
  /** Empty: a group that is yet to be made. */
  name: string;
  schema: readonly PolicyField[];
  onPick: (target: string) => void;
}

/** Who belongs to a group, who that is now, and making or removing it. */
export function GroupCard({ name, schema, onPick }: Props) {
  const { t } = useLanguage();
  return (
    <section className="card group-card" aria-labelledby="group-title" data-testid="group-card">
      <h3 id="group-title">{t("group.rule")}</h3>
      <p className="muted small">{t("group.lead")}</p>
      {name === "" ? <GroupForm known={null} typedAtFirst={EMPTY_GROUP} schema={schema} onSaved={(made) => onPick(groupTarget(made))} />
        : <Known name={name} schema={schema} onPick={onPick} />}
    </section>
  );
}

function Known({ name, schema, onPick }: Props) {
  const { t } = useLanguage();
  const { adminOnly } = usePermission();
  const group = usePluginGroup(name);
  if (group.data === undefined) {
    return group.failed ? <ErrorNotice error={group.error} onRetry={group.askAgain} /> : <Skeleton lines={4} label={t("loading")} />;
  }
  const { value, etag } = group.data;
  return (
    <>
      {value.source === "file" && <p className="small" data-testid="group-in-file">{t("group.inFile")}</p>}
      <GroupForm key={etag} known={group.data} typedAtFirst={typedOf(name, value)} schema={schema} />
      <Members group={value} onPick={onPick} />
      {!adminOnly && value.source === "here" && <Removal group={value} etag={etag} onGone={() => onPick(EVERYONE)} />}
    </>
  );
}

function Members({ group, onPick }: { group: PluginGroup; onPick: (target: string) => void }) {
  const { t } = useLanguage();
  return (
    <details className="small" data-testid="group-members">
      <summary>{t("group.members", { n: group.count })}</summary>
      <ul className="plain-list group-members">
        {Object.keys(group.members ?? {}).map((id) => <li key={id}><Button kind="quiet" onClick={() => onPick(id)}>{id}</Button></li>)}
      </ul>
    </details>
  );
}

function Removal({ group, etag, onGone }: { group: PluginGroup; etag: string; onGone: () => void }) {
  const { t } = useLanguage();
  const [asking, setAsking] = useState(false);
  const remove = useRemoveGroup(onGone);
  return (
    <>
      <div><Button data-testid="group-remove" onClick={() => setAsking(true)}>{t("group.remove")}</Button></div>
      {asking && (
        <Dialog
          title={t("group.removeTitle", { name: group.name })} onClose={() => setAsking(false)}
          actions={<>
            <Button data-autofocus onClick={() => setAsking(false)}>{t("dialog.cancel")}</Button>
            <Button
              kind="danger" data-testid="confirm-group-remove" busy={remove.isPending}
              onClick={() => remove.mutate({ name: group.name, etag })}
            >
              {t("group.remove")}
            </Button>
          </>}
        >
          <p>{t("group.removeMeans", { n: group.count })}</p>
          {remove.error && <p className="field-error" role="alert">{errorText(t, remove.error)}</p>}
        </Dialog>
      )}
    </>
  );
}
