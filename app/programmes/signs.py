"""The small signs inside the shapes of a picture: clock, envelope, triangle, arrow; person and gear of a task."""

from app.programmes.drawing import Shape

ENVELOPE = "M-8 -5.5h16v11h-16zM-8 -5.5l8 6.5 8 -6.5"
TRIANGLE = "M0 -8 8 6H-8z"
ARROW = "M0 -8 6.5 7 0 1 -6.5 7z"
HOURS = "M0 -9v2.5M0 9v-2.5M-9 0h2.5M9 0h-2.5"
HANDS = "M2.5 -6 0 0h5"
PERSON = "M5 13v-2c0 -4 2.6 -5.5 5 -5.5s5 1.5 5 5.5v2zM10 5.5a2.75 2.75 0 1 1 .01 0z"
TEETH = "M10 1.5v2.2M10 12.3v2.2M3.5 8h2.2M14.3 8h2.2M5.4 3.4l1.6 1.6M13 11l1.6 1.6M14.6 3.4 13 5M7 11l-1.6 1.6"


def event_sign(shape: Shape, ink: str, paper: str) -> str:
    """Draw what triggers an event, or nothing; end and throw events carry it filled, catch events open."""
    scale = shape.box.width / 36
    place = f'transform="translate({shape.box.middle[0]:g} {shape.box.middle[1]:g}) scale({scale:.3g})"'
    thrown = shape.kind in ("endEvent", "intermediateThrowEvent")
    line = f'fill="{ink if thrown else paper}" stroke="{ink}" stroke-width="1.3" stroke-linejoin="round"'
    if shape.trigger == "timer":
        clock = f'<circle r="10" {line}/><path d="{HOURS}" {line}/><path d="{HANDS}" fill="none" stroke="{ink}"/>'
        return f"<g {place}>{clock}</g>"
    sign = {"message": ENVELOPE, "signal": TRIANGLE, "escalation": ARROW}.get(shape.trigger)
    return f'<path {place} d="{sign}" {line}/>' if sign else ""


def task_sign(shape: Shape, ink: str) -> str:
    """Draw a person for a step of people, a gear for one of the system, nothing for the rest."""
    place = f'transform="translate({shape.box.x + 4:g} {shape.box.y + 5:g})"'
    line = f'fill="none" stroke="{ink}" stroke-width="1.1"'
    if shape.kind == "userTask":
        return f'<path {place} d="{PERSON}" {line}/>'
    if shape.kind == "serviceTask":
        return f'<g {place} {line}><circle cx="10" cy="8" r="4.3"/><circle cx="10" cy="8" r="1.6"/><path d="{TEETH}"/></g>'
    return ""
