"""
The story, act by act. Each act is one thing that people of an agency do; together they are the main
job: sold → promised → delivered → proven → reported → paid.
"""

from api.demo import (
    creating,
    delivering,
    growing,
    invoicing,
    measuring,
    paying,
    proving,
    renewing,
    reporting,
    selling,
    spending,
    surroundings,
)
from api.demo.stage import Stage

ACTS = (
    selling.open_agency,
    selling.staff_agency,
    selling.take_on_client,
    selling.agree_contract,
    selling.propose_autumn,
    selling.client_decides,
    delivering.deliver,
    spending.spend,
    creating.find_creators,
    creating.agree_terms,
    creating.review_content,
    proving.go_live,
    proving.mend_disclosure,
    proving.count_sales,
    proving.show_result,
    reporting.measure,
    reporting.promise,
    measuring.bring_exports,
    surroundings.look_back,
    surroundings.listen,
    reporting.write_report,
    reporting.publish,
    reporting.correct,
    reporting.explain,
    reporting.share,
    reporting.plan_ahead,
    growing.grow,
    growing.plan_ahead,
    spending.let_two_decide,
    spending.read_statement,
    renewing.roll_over,
    renewing.count_costs,
    invoicing.prepare,
    invoicing.invoice,
    invoicing.collect,
    paying.settle_details,
    paying.pay,
)


def play(stage: Stage) -> None:
    """Every act, in order. Raises StoryStopped at the first answer that is not right."""
    for act in ACTS:
        act(stage)
