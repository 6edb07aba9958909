"use client";

import type { ComponentProps } from "react";
import RunningExecutions from "@/features/execution/RunningExecutions";
import PluginPage from "@/features/plugin/PluginPage";
import { SuggestionList } from "@/features/suggestions/SuggestionList";

type Props = Omit<ComponentProps<typeof PluginPage>, "offers">;

/** The page of one plugin, with what runs for it now and what is suggested for it: it is decided where it is understood. */
export default function OnePlugin(props: Props) {
  return (
    <PluginPage
      {...props}
      offers={(
        <>
          <RunningExecutions plugin={props.id} onShowHistory={props.onShowExecution} />
          <SuggestionList plugin={props.id} onShowExecution={props.onShowExecution} />
        </>
      )}
    />
  );
}
