"use client";

import { Skeleton } from "@/components/ui/Skeleton";
import { useLanguage } from "@/lib/i18n/context";
import { useDoctor } from "@/lib/detailQueries";
import { parted } from "@/lib/silences";
import { ErrorNotice } from "./ErrorNotice";

const SHOWN_AT_MOST = 6; // the whole list, plugin by plugin, stands in each plugin's panel

/** Why something is missing, as the server itself answers it. */
export default function DoctorAnswers({ question, pluginId }: { question: "no_suggestions" | "dashboard_empty" | "execution_failed"; pluginId?: string }) {
  const { t } = useLanguage();
  const doctor = useDoctor(true, pluginId);
  if (doctor.failed) return <ErrorNotice error={doctor.error} onRetry={doctor.askAgain} />;
  if (!doctor.data) return <Skeleton lines={2} label={t("loading")} />;
  const { telling, notThere } = parted(doctor.data.questions.find((entry) => entry.question === question)?.answer ?? []);
  const answers = [...telling, ...notThere];
  if (answers.length === 0) return <p className="muted">{t("doctor.nothing")}</p>;
  return (
    <ul className="doctor">
      {answers.slice(0, SHOWN_AT_MOST).map((answer, index) => (
        <li key={`${answer.code}-${index}`}>
          <span>{answer.text}</span>
          {answer.help && <span className="muted">{answer.help}</span>}
        </li>
      ))}
      {answers.length > SHOWN_AT_MOST && <li className="muted">{t("more", { n: answers.length - SHOWN_AT_MOST })}</li>}
    </ul>
  );
}
