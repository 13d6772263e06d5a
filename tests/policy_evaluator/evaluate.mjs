// Reads a JSON array of requests from standard input and writes one answer for each:
//   { result: "Allowed" | "ImplicitlyDenied" | "ExplicitlyDenied", decidedBy: ["resource DenyAll"] }
//   { error: … } where the evaluator did not take the request or one of the policies.
import { text } from "node:stream/consumers";
import {
  anonymousPrincipal,
  getDenialReasons,
  getGrantReasons,
  runSimulation,
} from "@cloud-copilot/iam-simulate";

const requests = JSON.parse(await text(process.stdin));
process.stdout.write(JSON.stringify(await Promise.all(requests.map(answer))));

async function answer(request) {
  const simulation = {
    request: {
      principal: request.principal ?? anonymousPrincipal,
      action: request.action,
      resource: { resource: request.resource, accountId: request.resource_account },
      contextVariables: request.context,
    },
    identityPolicies: request.identity_policies.map((policy, index) => ({
      name: `policy-${index + 1}`,
      policy,
    })),
    resourcePolicy: request.resource_policy ?? undefined,
    serviceControlPolicies: [],
    resourceControlPolicies: [],
  };
  const found = await runSimulation(simulation, { simulationMode: "Strict" });
  if (found.resultType === "error") return { error: found.errors };
  if (found.resultType !== "single") return { error: "A resource with a wildcard is no request." };
  // The evaluator leaves out what it takes for a key that this action has not; nothing may go
  // missing here, for a condition on a missing key comes out another way.
  const { analysis, ignoredContextKeys } = found.result;
  if (ignoredContextKeys.length > 0) return { error: { ignoredContextKeys } };
  const reasons = [...getGrantReasons(analysis), ...getDenialReasons(analysis)];
  return { result: found.overallResult, decidedBy: reasons.map(name) };
}

function name({ policyType, denialType, statementId, statementIndex }) {
  if (denialType === "Implicit") return `nothing in ${policyType}`;
  return `${policyType} ${statementId ?? `statement ${statementIndex}`}`;
}
