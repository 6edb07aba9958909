"use client";

import RunningExecutions from "@/features/execution/RunningExecutions";
import PluginPage from "@/features/plugin/PluginPage";
import { SuggestionList } from "@/features/suggestions/SuggestionList";

interface Props {
  id: string;
  onBack: () => void;
  onShowHistory: (id: string) => void;
  onShowExecution: (id: string) => void;
}

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
