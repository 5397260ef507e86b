export interface TestReport {
  passed: number;
  failed: number;
  notRun: string[];
  failures: string[];
}
export function readReport(file: string): TestReport;
