import PluginOptimizationDashboard from "@/components/PluginOptimizationDashboard";

export default function Page() {
  return <PluginOptimizationDashboard />;
}
