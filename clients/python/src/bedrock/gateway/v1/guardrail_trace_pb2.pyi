import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GuardrailAction(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    GUARDRAIL_ACTION_UNSPECIFIED: _ClassVar[GuardrailAction]
    GUARDRAIL_ACTION_NONE: _ClassVar[GuardrailAction]
    GUARDRAIL_ACTION_BLOCKED: _ClassVar[GuardrailAction]
    GUARDRAIL_ACTION_ANONYMIZED: _ClassVar[GuardrailAction]

class GuardrailLevel(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    GUARDRAIL_LEVEL_UNSPECIFIED: _ClassVar[GuardrailLevel]
    GUARDRAIL_LEVEL_NONE: _ClassVar[GuardrailLevel]
    GUARDRAIL_LEVEL_LOW: _ClassVar[GuardrailLevel]
    GUARDRAIL_LEVEL_MEDIUM: _ClassVar[GuardrailLevel]
    GUARDRAIL_LEVEL_HIGH: _ClassVar[GuardrailLevel]
GUARDRAIL_ACTION_UNSPECIFIED: GuardrailAction
GUARDRAIL_ACTION_NONE: GuardrailAction
GUARDRAIL_ACTION_BLOCKED: GuardrailAction
GUARDRAIL_ACTION_ANONYMIZED: GuardrailAction
GUARDRAIL_LEVEL_UNSPECIFIED: GuardrailLevel
GUARDRAIL_LEVEL_NONE: GuardrailLevel
GUARDRAIL_LEVEL_LOW: GuardrailLevel
GUARDRAIL_LEVEL_MEDIUM: GuardrailLevel
GUARDRAIL_LEVEL_HIGH: GuardrailLevel

class GuardrailTrace(_message.Message):
    __slots__ = ("model_outputs", "input_assessments", "output_assessments", "action_reason")
    class InputAssessmentsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: GuardrailAssessment
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[GuardrailAssessment, _Mapping]] = ...) -> None: ...
    class OutputAssessmentsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: GuardrailAssessmentList
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[GuardrailAssessmentList, _Mapping]] = ...) -> None: ...
    MODEL_OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    INPUT_ASSESSMENTS_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_ASSESSMENTS_FIELD_NUMBER: _ClassVar[int]
    ACTION_REASON_FIELD_NUMBER: _ClassVar[int]
    model_outputs: _containers.RepeatedScalarFieldContainer[str]
    input_assessments: _containers.MessageMap[str, GuardrailAssessment]
    output_assessments: _containers.MessageMap[str, GuardrailAssessmentList]
    action_reason: str
    def __init__(self, model_outputs: _Optional[_Iterable[str]] = ..., input_assessments: _Optional[_Mapping[str, GuardrailAssessment]] = ..., output_assessments: _Optional[_Mapping[str, GuardrailAssessmentList]] = ..., action_reason: _Optional[str] = ...) -> None: ...

class GuardrailAssessmentList(_message.Message):
    __slots__ = ("assessments",)
    ASSESSMENTS_FIELD_NUMBER: _ClassVar[int]
    assessments: _containers.RepeatedCompositeFieldContainer[GuardrailAssessment]
    def __init__(self, assessments: _Optional[_Iterable[_Union[GuardrailAssessment, _Mapping]]] = ...) -> None: ...

class GuardrailAssessment(_message.Message):
    __slots__ = ("topics", "content_filters", "custom_words", "managed_words", "pii_entities", "regexes", "grounding_filters", "automated_reasoning_findings", "metrics", "applied_guardrail")
    TOPICS_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FILTERS_FIELD_NUMBER: _ClassVar[int]
    CUSTOM_WORDS_FIELD_NUMBER: _ClassVar[int]
    MANAGED_WORDS_FIELD_NUMBER: _ClassVar[int]
    PII_ENTITIES_FIELD_NUMBER: _ClassVar[int]
    REGEXES_FIELD_NUMBER: _ClassVar[int]
    GROUNDING_FILTERS_FIELD_NUMBER: _ClassVar[int]
    AUTOMATED_REASONING_FINDINGS_FIELD_NUMBER: _ClassVar[int]
    METRICS_FIELD_NUMBER: _ClassVar[int]
    APPLIED_GUARDRAIL_FIELD_NUMBER: _ClassVar[int]
    topics: _containers.RepeatedCompositeFieldContainer[GuardrailTopicFinding]
    content_filters: _containers.RepeatedCompositeFieldContainer[GuardrailContentFinding]
    custom_words: _containers.RepeatedCompositeFieldContainer[GuardrailWordFinding]
    managed_words: _containers.RepeatedCompositeFieldContainer[GuardrailWordFinding]
    pii_entities: _containers.RepeatedCompositeFieldContainer[GuardrailSensitiveFinding]
    regexes: _containers.RepeatedCompositeFieldContainer[GuardrailSensitiveFinding]
    grounding_filters: _containers.RepeatedCompositeFieldContainer[GuardrailGroundingFinding]
    automated_reasoning_findings: _containers.RepeatedCompositeFieldContainer[AutomatedReasoningFinding]
    metrics: GuardrailMetrics
    applied_guardrail: AppliedGuardrail
    def __init__(self, topics: _Optional[_Iterable[_Union[GuardrailTopicFinding, _Mapping]]] = ..., content_filters: _Optional[_Iterable[_Union[GuardrailContentFinding, _Mapping]]] = ..., custom_words: _Optional[_Iterable[_Union[GuardrailWordFinding, _Mapping]]] = ..., managed_words: _Optional[_Iterable[_Union[GuardrailWordFinding, _Mapping]]] = ..., pii_entities: _Optional[_Iterable[_Union[GuardrailSensitiveFinding, _Mapping]]] = ..., regexes: _Optional[_Iterable[_Union[GuardrailSensitiveFinding, _Mapping]]] = ..., grounding_filters: _Optional[_Iterable[_Union[GuardrailGroundingFinding, _Mapping]]] = ..., automated_reasoning_findings: _Optional[_Iterable[_Union[AutomatedReasoningFinding, _Mapping]]] = ..., metrics: _Optional[_Union[GuardrailMetrics, _Mapping]] = ..., applied_guardrail: _Optional[_Union[AppliedGuardrail, _Mapping]] = ...) -> None: ...

class GuardrailTopicFinding(_message.Message):
    __slots__ = ("name", "type", "action", "detected")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    DETECTED_FIELD_NUMBER: _ClassVar[int]
    name: str
    type: str
    action: GuardrailAction
    detected: bool
    def __init__(self, name: _Optional[str] = ..., type: _Optional[str] = ..., action: _Optional[_Union[GuardrailAction, str]] = ..., detected: bool = ...) -> None: ...

class GuardrailContentFinding(_message.Message):
    __slots__ = ("type", "confidence", "filter_strength", "action", "detected")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    FILTER_STRENGTH_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    DETECTED_FIELD_NUMBER: _ClassVar[int]
    type: str
    confidence: GuardrailLevel
    filter_strength: GuardrailLevel
    action: GuardrailAction
    detected: bool
    def __init__(self, type: _Optional[str] = ..., confidence: _Optional[_Union[GuardrailLevel, str]] = ..., filter_strength: _Optional[_Union[GuardrailLevel, str]] = ..., action: _Optional[_Union[GuardrailAction, str]] = ..., detected: bool = ...) -> None: ...

class GuardrailWordFinding(_message.Message):
    __slots__ = ("match", "type", "action", "detected")
    MATCH_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    DETECTED_FIELD_NUMBER: _ClassVar[int]
    match: str
    type: str
    action: GuardrailAction
    detected: bool
    def __init__(self, match: _Optional[str] = ..., type: _Optional[str] = ..., action: _Optional[_Union[GuardrailAction, str]] = ..., detected: bool = ...) -> None: ...

class GuardrailSensitiveFinding(_message.Message):
    __slots__ = ("match", "type", "name", "regex", "action", "detected")
    MATCH_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    REGEX_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    DETECTED_FIELD_NUMBER: _ClassVar[int]
    match: str
    type: str
    name: str
    regex: str
    action: GuardrailAction
    detected: bool
    def __init__(self, match: _Optional[str] = ..., type: _Optional[str] = ..., name: _Optional[str] = ..., regex: _Optional[str] = ..., action: _Optional[_Union[GuardrailAction, str]] = ..., detected: bool = ...) -> None: ...

class GuardrailGroundingFinding(_message.Message):
    __slots__ = ("type", "threshold", "score", "action", "detected")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    DETECTED_FIELD_NUMBER: _ClassVar[int]
    type: str
    threshold: float
    score: float
    action: GuardrailAction
    detected: bool
    def __init__(self, type: _Optional[str] = ..., threshold: _Optional[float] = ..., score: _Optional[float] = ..., action: _Optional[_Union[GuardrailAction, str]] = ..., detected: bool = ...) -> None: ...

class AutomatedReasoningFinding(_message.Message):
    __slots__ = ("kind", "translation", "rules", "claims_true_scenario", "claims_false_scenario", "logic_warning", "translation_options", "difference_scenarios")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[AutomatedReasoningFinding.Kind]
        KIND_VALID: _ClassVar[AutomatedReasoningFinding.Kind]
        KIND_INVALID: _ClassVar[AutomatedReasoningFinding.Kind]
        KIND_SATISFIABLE: _ClassVar[AutomatedReasoningFinding.Kind]
        KIND_IMPOSSIBLE: _ClassVar[AutomatedReasoningFinding.Kind]
        KIND_TRANSLATION_AMBIGUOUS: _ClassVar[AutomatedReasoningFinding.Kind]
        KIND_TOO_COMPLEX: _ClassVar[AutomatedReasoningFinding.Kind]
        KIND_NO_TRANSLATIONS: _ClassVar[AutomatedReasoningFinding.Kind]
    KIND_UNSPECIFIED: AutomatedReasoningFinding.Kind
    KIND_VALID: AutomatedReasoningFinding.Kind
    KIND_INVALID: AutomatedReasoningFinding.Kind
    KIND_SATISFIABLE: AutomatedReasoningFinding.Kind
    KIND_IMPOSSIBLE: AutomatedReasoningFinding.Kind
    KIND_TRANSLATION_AMBIGUOUS: AutomatedReasoningFinding.Kind
    KIND_TOO_COMPLEX: AutomatedReasoningFinding.Kind
    KIND_NO_TRANSLATIONS: AutomatedReasoningFinding.Kind
    KIND_FIELD_NUMBER: _ClassVar[int]
    TRANSLATION_FIELD_NUMBER: _ClassVar[int]
    RULES_FIELD_NUMBER: _ClassVar[int]
    CLAIMS_TRUE_SCENARIO_FIELD_NUMBER: _ClassVar[int]
    CLAIMS_FALSE_SCENARIO_FIELD_NUMBER: _ClassVar[int]
    LOGIC_WARNING_FIELD_NUMBER: _ClassVar[int]
    TRANSLATION_OPTIONS_FIELD_NUMBER: _ClassVar[int]
    DIFFERENCE_SCENARIOS_FIELD_NUMBER: _ClassVar[int]
    kind: AutomatedReasoningFinding.Kind
    translation: AutomatedReasoningTranslation
    rules: _containers.RepeatedCompositeFieldContainer[AutomatedReasoningRule]
    claims_true_scenario: AutomatedReasoningScenario
    claims_false_scenario: AutomatedReasoningScenario
    logic_warning: AutomatedReasoningLogicWarning
    translation_options: _containers.RepeatedCompositeFieldContainer[AutomatedReasoningTranslationOption]
    difference_scenarios: _containers.RepeatedCompositeFieldContainer[AutomatedReasoningScenario]
    def __init__(self, kind: _Optional[_Union[AutomatedReasoningFinding.Kind, str]] = ..., translation: _Optional[_Union[AutomatedReasoningTranslation, _Mapping]] = ..., rules: _Optional[_Iterable[_Union[AutomatedReasoningRule, _Mapping]]] = ..., claims_true_scenario: _Optional[_Union[AutomatedReasoningScenario, _Mapping]] = ..., claims_false_scenario: _Optional[_Union[AutomatedReasoningScenario, _Mapping]] = ..., logic_warning: _Optional[_Union[AutomatedReasoningLogicWarning, _Mapping]] = ..., translation_options: _Optional[_Iterable[_Union[AutomatedReasoningTranslationOption, _Mapping]]] = ..., difference_scenarios: _Optional[_Iterable[_Union[AutomatedReasoningScenario, _Mapping]]] = ...) -> None: ...

class AutomatedReasoningTranslation(_message.Message):
    __slots__ = ("premises", "claims", "untranslated_premises", "untranslated_claims", "confidence")
    PREMISES_FIELD_NUMBER: _ClassVar[int]
    CLAIMS_FIELD_NUMBER: _ClassVar[int]
    UNTRANSLATED_PREMISES_FIELD_NUMBER: _ClassVar[int]
    UNTRANSLATED_CLAIMS_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    premises: _containers.RepeatedCompositeFieldContainer[AutomatedReasoningStatement]
    claims: _containers.RepeatedCompositeFieldContainer[AutomatedReasoningStatement]
    untranslated_premises: _containers.RepeatedScalarFieldContainer[str]
    untranslated_claims: _containers.RepeatedScalarFieldContainer[str]
    confidence: float
    def __init__(self, premises: _Optional[_Iterable[_Union[AutomatedReasoningStatement, _Mapping]]] = ..., claims: _Optional[_Iterable[_Union[AutomatedReasoningStatement, _Mapping]]] = ..., untranslated_premises: _Optional[_Iterable[str]] = ..., untranslated_claims: _Optional[_Iterable[str]] = ..., confidence: _Optional[float] = ...) -> None: ...

class AutomatedReasoningStatement(_message.Message):
    __slots__ = ("logic", "natural_language")
    LOGIC_FIELD_NUMBER: _ClassVar[int]
    NATURAL_LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    logic: str
    natural_language: str
    def __init__(self, logic: _Optional[str] = ..., natural_language: _Optional[str] = ...) -> None: ...

class AutomatedReasoningScenario(_message.Message):
    __slots__ = ("statements",)
    STATEMENTS_FIELD_NUMBER: _ClassVar[int]
    statements: _containers.RepeatedCompositeFieldContainer[AutomatedReasoningStatement]
    def __init__(self, statements: _Optional[_Iterable[_Union[AutomatedReasoningStatement, _Mapping]]] = ...) -> None: ...

class AutomatedReasoningRule(_message.Message):
    __slots__ = ("identifier", "policy_version_arn")
    IDENTIFIER_FIELD_NUMBER: _ClassVar[int]
    POLICY_VERSION_ARN_FIELD_NUMBER: _ClassVar[int]
    identifier: str
    policy_version_arn: str
    def __init__(self, identifier: _Optional[str] = ..., policy_version_arn: _Optional[str] = ...) -> None: ...

class AutomatedReasoningLogicWarning(_message.Message):
    __slots__ = ("type", "premises", "claims")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    PREMISES_FIELD_NUMBER: _ClassVar[int]
    CLAIMS_FIELD_NUMBER: _ClassVar[int]
    type: str
    premises: _containers.RepeatedCompositeFieldContainer[AutomatedReasoningStatement]
    claims: _containers.RepeatedCompositeFieldContainer[AutomatedReasoningStatement]
    def __init__(self, type: _Optional[str] = ..., premises: _Optional[_Iterable[_Union[AutomatedReasoningStatement, _Mapping]]] = ..., claims: _Optional[_Iterable[_Union[AutomatedReasoningStatement, _Mapping]]] = ...) -> None: ...

class AutomatedReasoningTranslationOption(_message.Message):
    __slots__ = ("translations",)
    TRANSLATIONS_FIELD_NUMBER: _ClassVar[int]
    translations: _containers.RepeatedCompositeFieldContainer[AutomatedReasoningTranslation]
    def __init__(self, translations: _Optional[_Iterable[_Union[AutomatedReasoningTranslation, _Mapping]]] = ...) -> None: ...

class GuardrailMetrics(_message.Message):
    __slots__ = ("processing_latency", "usage", "coverage")
    PROCESSING_LATENCY_FIELD_NUMBER: _ClassVar[int]
    USAGE_FIELD_NUMBER: _ClassVar[int]
    COVERAGE_FIELD_NUMBER: _ClassVar[int]
    processing_latency: _duration_pb2.Duration
    usage: GuardrailUsage
    coverage: GuardrailCoverage
    def __init__(self, processing_latency: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., usage: _Optional[_Union[GuardrailUsage, _Mapping]] = ..., coverage: _Optional[_Union[GuardrailCoverage, _Mapping]] = ...) -> None: ...

class GuardrailUsage(_message.Message):
    __slots__ = ("topic_policy_units", "content_policy_units", "word_policy_units", "sensitive_information_policy_units", "sensitive_information_policy_free_units", "contextual_grounding_policy_units", "content_policy_image_units", "automated_reasoning_policy_units", "automated_reasoning_policy_count")
    TOPIC_POLICY_UNITS_FIELD_NUMBER: _ClassVar[int]
    CONTENT_POLICY_UNITS_FIELD_NUMBER: _ClassVar[int]
    WORD_POLICY_UNITS_FIELD_NUMBER: _ClassVar[int]
    SENSITIVE_INFORMATION_POLICY_UNITS_FIELD_NUMBER: _ClassVar[int]
    SENSITIVE_INFORMATION_POLICY_FREE_UNITS_FIELD_NUMBER: _ClassVar[int]
    CONTEXTUAL_GROUNDING_POLICY_UNITS_FIELD_NUMBER: _ClassVar[int]
    CONTENT_POLICY_IMAGE_UNITS_FIELD_NUMBER: _ClassVar[int]
    AUTOMATED_REASONING_POLICY_UNITS_FIELD_NUMBER: _ClassVar[int]
    AUTOMATED_REASONING_POLICY_COUNT_FIELD_NUMBER: _ClassVar[int]
    topic_policy_units: int
    content_policy_units: int
    word_policy_units: int
    sensitive_information_policy_units: int
    sensitive_information_policy_free_units: int
    contextual_grounding_policy_units: int
    content_policy_image_units: int
    automated_reasoning_policy_units: int
    automated_reasoning_policy_count: int
    def __init__(self, topic_policy_units: _Optional[int] = ..., content_policy_units: _Optional[int] = ..., word_policy_units: _Optional[int] = ..., sensitive_information_policy_units: _Optional[int] = ..., sensitive_information_policy_free_units: _Optional[int] = ..., contextual_grounding_policy_units: _Optional[int] = ..., content_policy_image_units: _Optional[int] = ..., automated_reasoning_policy_units: _Optional[int] = ..., automated_reasoning_policy_count: _Optional[int] = ...) -> None: ...

class GuardrailCoverage(_message.Message):
    __slots__ = ("guarded_character_count", "total_character_count", "guarded_image_count", "total_image_count")
    GUARDED_CHARACTER_COUNT_FIELD_NUMBER: _ClassVar[int]
    TOTAL_CHARACTER_COUNT_FIELD_NUMBER: _ClassVar[int]
    GUARDED_IMAGE_COUNT_FIELD_NUMBER: _ClassVar[int]
    TOTAL_IMAGE_COUNT_FIELD_NUMBER: _ClassVar[int]
    guarded_character_count: int
    total_character_count: int
    guarded_image_count: int
    total_image_count: int
    def __init__(self, guarded_character_count: _Optional[int] = ..., total_character_count: _Optional[int] = ..., guarded_image_count: _Optional[int] = ..., total_image_count: _Optional[int] = ...) -> None: ...

class AppliedGuardrail(_message.Message):
    __slots__ = ("guardrail_id", "guardrail_version", "guardrail_arn", "origins", "ownership")
    GUARDRAIL_ID_FIELD_NUMBER: _ClassVar[int]
    GUARDRAIL_VERSION_FIELD_NUMBER: _ClassVar[int]
    GUARDRAIL_ARN_FIELD_NUMBER: _ClassVar[int]
    ORIGINS_FIELD_NUMBER: _ClassVar[int]
    OWNERSHIP_FIELD_NUMBER: _ClassVar[int]
    guardrail_id: str
    guardrail_version: str
    guardrail_arn: str
    origins: _containers.RepeatedScalarFieldContainer[str]
    ownership: str
    def __init__(self, guardrail_id: _Optional[str] = ..., guardrail_version: _Optional[str] = ..., guardrail_arn: _Optional[str] = ..., origins: _Optional[_Iterable[str]] = ..., ownership: _Optional[str] = ...) -> None: ...
