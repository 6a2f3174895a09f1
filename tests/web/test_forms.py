"""How a form is drawn: labels, hints and errors that belong together."""

import pytest
from django import forms

from aimprogress.web.forms import PortalRenderer


class Note(forms.Form):
    default_renderer = PortalRenderer
    text = forms.CharField(label="Text", help_text="No <b>names</b>.", widget=forms.Textarea)
    level = forms.ChoiceField(label="Level", choices=[("1", "Low"), ("2", "High")], widget=forms.RadioSelect)
    sure = forms.BooleanField(label="I looked")
    extra = forms.CharField(label="More", required=False)


def test_an_error_stands_beside_its_field_and_is_announced_with_it() -> None:
    html = Note(data={"text": ""}).as_div()
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_text_helptext id_text_error"' in html
    assert '<span class="msg" id="id_text_error">' in html


def test_nothing_is_preselected_and_the_group_has_a_legend() -> None:
    html = Note().as_div()
    assert "<legend>Level" in html
    assert "checked" not in html


def test_optional_fields_say_so() -> None:
    assert Note().as_div().count("(optional)") == 1


def test_hints_and_typed_text_are_never_markup() -> None:
    html = Note(data={"text": "</textarea><script>x</script>"}).as_div()
    assert "<b>names" not in html
    assert "<script>" not in html


@pytest.mark.parametrize(("name", "first"), [("text", "id_text"), ("level", "id_level_0"), ("sure", "id_sure")])
def test_a_link_of_the_error_summary_reaches_the_first_control(name: str, first: str) -> None:
    form = Note(data={})
    assert form[name].first_id == first
    assert f'id="{first}"' in form.as_div()


def test_text_fields_carry_the_class_of_the_look_and_keep_their_own() -> None:
    class Short(forms.Form):
        default_renderer = PortalRenderer
        n = forms.IntegerField(widget=forms.NumberInput(attrs={"class": "short"}))

    assert 'class="short in"' in Short().as_div()
