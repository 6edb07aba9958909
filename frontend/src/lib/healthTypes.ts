/** The words of docs/API.md about the product itself. */

export interface HealthCheck {
  code: string;
  ok: boolean;
  text: string;
  help: string;
}

/** One turn of the analysis: what it took, which of our own parts failed, and what it did not believe. */
export interface Cycle {
  number: number;
  at: string;
  duration_seconds: number;
  plugins: number;
  samples: number;
  faults?: { part: string; error: string }[];
  refusals?: { plugin_id: string; metric: string; reason: string; count: number }[];
}

export interface ServerHealth {
  status: "ok" | "degraded" | "starting";
  version: string;
  runner?: { active: boolean; holder: string | null; here: boolean; interval_seconds: number };
  last_cycle?: Cycle | null;
  stores?: { name: "state" | "samples" | "requests"; kind: "file" | "server"; bytes: number | null }[];
  stale_plugins?: string[];
  checks?: HealthCheck[];
}

export interface DoctorAnswer {
  code: string;
  text: string;
  help: string | null;
}

export interface Doctor {
  questions: { question: string; answer: DoctorAnswer[] }[];
}
