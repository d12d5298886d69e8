# note: turned-off is left out: the registry turns it off
#
# note: retired is left out: it reached its end of life on 2025-02-28; use on-demand
#
# note: elsewhere is left out: it is not offered in us-east-1, only in eu-west-1
#
# note: the destination regions of known-destinations are those of the registry, from: the
# account's list of profiles, seen 2026-11-22
#
# note: the destination regions of application-profile are those of the registry, without a
# source
#
# warning: known-destinations: the list of --profiles does not have
# us.anthropic.claude-sonnet-4-5-20250929-v1:0; Bedrock may not offer it in us-east-1
#
# warning: application-profile: the list of --profiles does not have
# arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123def456; Bedrock
# may not offer it in us-east-1
#
# warning: prompt: the policy allows the stored prompt, not the model it names, which the
# registry does not say; list that model too
#
# warning: router: the policy allows the router, not the models it chooses from, which the
# registry does not say; list them too
#
# Written by `bedrock-gateway iam-policy`.

data "aws_caller_identity" "current" {}

data "aws_iam_policy_document" "bedrock_gateway" {
  # These inference profiles are called, in the region where the gateway calls Bedrock. A
  # profile belongs to the account that calls it. Models: known-destinations,
  # unknown-destinations, global, application-profile, opaque-profile.
  statement {
    sid    = "InvokeProfiles"
    effect = "Allow"

    actions = [
      "bedrock:InvokeModel",
      "bedrock:InvokeModelWithResponseStream",
    ]

    resources = [
      "arn:aws:bedrock:us-east-1:${data.aws_caller_identity.current.account_id}:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0",
      "arn:aws:bedrock:us-east-1:${data.aws_caller_identity.current.account_id}:inference-profile/us.amazon.nova-pro-v1:0",
      "arn:aws:bedrock:us-east-1:${data.aws_caller_identity.current.account_id}:inference-profile/global.anthropic.claude-haiku-5-5",
      "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123def456",
      "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/opaque123456",
    ]
  }

  # A profile runs each call in one of its regions, us-east-1, us-west-2, and AWS checks the
  # model there, too: with a region missing, some calls are denied. The condition lets the
  # model be reached through the profile only. Model: known-destinations.
  statement {
    sid    = "InvokeBehindUsProfiles"
    effect = "Allow"

    actions = [
      "bedrock:InvokeModel",
      "bedrock:InvokeModelWithResponseStream",
    ]

    resources = [
      "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-sonnet-4-5-20250929-v1:0",
      "arn:aws:bedrock:us-west-2::foundation-model/anthropic.claude-sonnet-4-5-20250929-v1:0",
    ]

    condition {
      test     = "StringEquals"
      variable = "bedrock:InferenceProfileArn"

      values = [
        "arn:aws:bedrock:us-east-1:${data.aws_caller_identity.current.account_id}:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0",
      ]
    }
  }

  # A profile runs each call in one of its regions, us-east-1, us-east-2, us-west-2, and AWS
  # checks the model there, too: with a region missing, some calls are denied. The condition
  # lets the model be reached through the profile only. Model: unknown-destinations.
  statement {
    sid    = "InvokeBehindUsProfiles2"
    effect = "Allow"

    actions = [
      "bedrock:InvokeModel",
      "bedrock:InvokeModelWithResponseStream",
    ]

    resources = [
      "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0",
      "arn:aws:bedrock:us-east-2::foundation-model/amazon.nova-pro-v1:0",
      "arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-pro-v1:0",
    ]

    condition {
      test     = "StringEquals"
      variable = "bedrock:InferenceProfileArn"

      values = [
        "arn:aws:bedrock:us-east-1:${data.aws_caller_identity.current.account_id}:inference-profile/us.amazon.nova-pro-v1:0",
      ]
    }
  }

  # A call of a global profile is also checked on the model in the region where the gateway
  # calls Bedrock. The condition lets the model be reached through the profile only. Model:
  # global.
  statement {
    sid    = "InvokeBehindGlobalProfiles"
    effect = "Allow"

    actions = [
      "bedrock:InvokeModel",
      "bedrock:InvokeModelWithResponseStream",
    ]

    resources = [
      "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-haiku-5-5",
    ]

    condition {
      test     = "StringEquals"
      variable = "bedrock:InferenceProfileArn"

      values = [
        "arn:aws:bedrock:us-east-1:${data.aws_caller_identity.current.account_id}:inference-profile/global.anthropic.claude-haiku-5-5",
      ]
    }
  }

  # A profile runs each call in one of its regions, us-east-1, and AWS checks the model there,
  # too: with a region missing, some calls are denied. The condition lets the model be reached
  # through the profile only. Models: application-profile, opaque-profile.
  statement {
    sid    = "InvokeBehindApplicationProfiles"
    effect = "Allow"

    actions = [
      "bedrock:InvokeModel",
      "bedrock:InvokeModelWithResponseStream",
    ]

    resources = [
      "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-micro-v1:0",
      "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-sonnet-4-6",
    ]

    condition {
      test     = "StringEquals"
      variable = "bedrock:InferenceProfileArn"

      values = [
        "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123def456",
        "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/opaque123456",
      ]
    }
  }

  # A global profile runs a call in whichever region has room. AWS checks that on a model
  # without a region, and calls the region "unspecified". Models: global, opaque-profile.
  statement {
    sid    = "InvokeAnywhere"
    effect = "Allow"

    actions = [
      "bedrock:InvokeModel",
      "bedrock:InvokeModelWithResponseStream",
    ]

    resources = [
      "arn:aws:bedrock:::foundation-model/anthropic.claude-haiku-5-5",
      "arn:aws:bedrock:::foundation-model/anthropic.claude-sonnet-4-6",
    ]

    condition {
      test     = "StringEquals"
      variable = "aws:RequestedRegion"

      values = [
        "unspecified",
      ]
    }

    condition {
      test     = "StringEquals"
      variable = "bedrock:InferenceProfileArn"

      values = [
        "arn:aws:bedrock:us-east-1:${data.aws_caller_identity.current.account_id}:inference-profile/global.anthropic.claude-haiku-5-5",
        "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/opaque123456",
      ]
    }
  }

  # These models are called without a profile. Model: on-demand.
  statement {
    sid    = "InvokeModels"
    effect = "Allow"

    actions = [
      "bedrock:InvokeModel",
      "bedrock:InvokeModelWithResponseStream",
    ]

    resources = [
      "arn:aws:bedrock:us-east-1::foundation-model/openai.gpt-oss-120b-1:0",
    ]
  }

  # These models are called without a profile. Model: unstreamed.
  statement {
    sid    = "InvokeModelsUnstreamed"
    effect = "Allow"

    actions = [
      "bedrock:InvokeModel",
    ]

    resources = [
      "arn:aws:bedrock:us-east-1::foundation-model/maker.unstreamed-v1:0",
    ]
  }

  # These are called by their ARNs. Models: provisioned, router.
  statement {
    sid    = "InvokeOthers"
    effect = "Allow"

    actions = [
      "bedrock:InvokeModel",
      "bedrock:InvokeModelWithResponseStream",
    ]

    resources = [
      "arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abc123",
      "arn:aws:bedrock:us-east-1:123456789012:default-prompt-router/anthropic.claude:1",
    ]
  }

  # These stored prompts are called; Bedrock fills in their variables. Model: prompt.
  statement {
    sid    = "RenderPrompts"
    effect = "Allow"

    actions = [
      "bedrock:RenderPrompt",
    ]

    resources = [
      "arn:aws:bedrock:us-east-1:123456789012:prompt/ABCDEFGHIJ:12",
    ]
  }

  # CountTokens takes the model itself, never a profile. It generates nothing. Model:
  # known-destinations.
  statement {
    sid    = "CountTokens"
    effect = "Allow"

    actions = [
      "bedrock:CountTokens",
    ]

    resources = [
      "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-sonnet-4-5-20250929-v1:0",
    ]
  }

  # Callers may name these guardrails in a request.
  statement {
    sid    = "ApplyGuardrails"
    effect = "Allow"

    actions = [
      "bedrock:ApplyGuardrail",
    ]

    resources = [
      "arn:aws:bedrock:us-east-1:${data.aws_caller_identity.current.account_id}:guardrail/abc123",
    ]
  }

  # The gateway's credentials are a Bedrock API key (AWS_BEARER_TOKEN_BEDROCK). This action
  # knows no resources; what may be called with the key is said by the others.
  statement {
    sid    = "CallWithBearerKey"
    effect = "Allow"

    actions = [
      "bedrock:CallWithBearerToken",
    ]

    resources = [
      "*",
    ]
  }
}

resource "aws_iam_policy" "bedrock_gateway" {
  name        = "bedrock-gateway"
  description = "What bedrock-gateway needs to call its models"
  policy      = data.aws_iam_policy_document.bedrock_gateway.json
}
