"""Answers to an instrument as programs send them: the same for plans, checklists and whatever else is asked about."""

from collections.abc import Callable
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from .engine import AnswerValue
from .forms import NOTE_LENGTH


class AnswerSerializer(serializers.Serializer):
    """One answer: a value of the questionnaire's scale, with the note and the evidence that some values ask for."""

    value = serializers.CharField(max_length=20)
    note = serializers.CharField(max_length=NOTE_LENGTH, required=False, default="", allow_blank=True)
    evidence = serializers.CharField(max_length=NOTE_LENGTH, required=False, default="", allow_blank=True)


class AnswersSerializer(serializers.Serializer):
    """Answers by the code of their question ("1", "2", ...); null takes one back, what is not named stays."""

    answers = serializers.DictField(child=AnswerSerializer(allow_null=True), allow_empty=False)

    def validate_answers(self, answers: dict[str, Any]) -> dict[str, AnswerValue | None]:
        return answer_values(answers)


def answer_values(clean: dict[str, Any]) -> dict[str, AnswerValue | None]:
    """Checked answers as services take them."""
    return {code: None if answer is None else AnswerValue(**answer) for code, answer in clean.items()}


class TakesAnswers:
    """For a viewset whose objects are answered about: POST .../{id}/answers/ hands them to `answer_service`."""

    answer_service: ClassVar[Callable[..., Any]]

    @extend_schema(request=AnswersSerializer)
    @action(detail=True, methods=["post"])
    def answers(self, request: Request, pk: str) -> Response:
        """Store answers; the result follows at once. Notes and evidence are stored encrypted and are in no answer."""
        return self.act(request, pk, type(self).answer_service, AnswersSerializer)
