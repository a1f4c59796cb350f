"""How a network's scores become calibrated probabilities and a decision."""

from scanwright.base import Options, option


class Decision(Options):
    """Fitted on validation, fixed afterwards."""

    temperature: float = option(
        1.0, low=1e-3, high=1e3, help="Outputs are divided by this before they become scores."
    )
    shift: tuple[float, ...] = option(
        (), help="Added to each output after that; none where training kept the frequencies."
    )
    thresholds: tuple[float, ...] = option((), help="Score from which each label is decided for.")
    rule: str = option("", help="How the thresholds were chosen, in words.")
    offset: float = option(0.0, help="Mean of the numbers learnt, added back to the output.")
    scale: float = option(1.0, low=0.0, help="Spread of the numbers learnt.")
