"""``kaiji attach``: the section of the model card, spliced into the card of the release."""

from pathlib import Path

import click


@click.command()
@click.argument("model_card", type=click.Path(path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("disclosure"), show_default=True, help="Output of a build."
)
@click.option("--check", is_flag=True, help="Write nothing; exit 1 when the card is not current.")
def command(model_card: Path, out: Path, check: bool) -> int:
    """Put the disclosure of the last build into MODEL_CARD, between its markers; the rest stays byte for byte."""
    from kaiji.errors import ExitCode, InputError
    from kaiji.publish.model_card import attach, write_card

    source = out / "public" / "model_card.md"
    try:
        generated = source.read_bytes()
    except OSError as error:
        raise InputError(f"{source}: cannot be read; run kaiji build first") from error
    try:
        card = model_card.read_bytes()
    except FileNotFoundError:
        card = None
    except OSError as error:
        raise InputError(f"{model_card}: cannot be read: {error.strerror}") from error
    wanted = generated if card is None else attach(card, generated)
    if card == wanted:
        click.echo(f"{model_card}: current")
        return ExitCode.CLEAN
    if check:
        click.echo(f"{model_card}: not current; run kaiji attach", err=True)
        return ExitCode.FINDINGS
    write_card(model_card, wanted)
    click.echo(model_card)
    return ExitCode.CLEAN
