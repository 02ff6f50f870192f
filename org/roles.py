"""The roles of the handbook (rulebook C1), combined rows split; a role is held by a dated membership."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """One code per post of the handbook: its public name in tokens, rules and the demo log-ins."""

    SALES_CLERK = "sales_clerk", _("Sales clerk")
    SALESPERSON = "salesperson", _("Salesperson")
    SALES_LEADER = "sales_leader", _("Sales leader")
    ORDER_DESK = "order_desk", _("Contract and order desk")
    ORDER_MGR = "order_mgr", _("Contract and order manager")
    MARKETING = "marketing", _("Marketing of the project business unit")
    PM = "pm", _("Project manager")
    PLANNER = "planner", _("Project planner")
    PLAN_SUPERVISOR = "plan_supervisor", _("Planning supervisor")
    MAT_CONTROLLER = "mat_controller", _("Material controller")
    PROD_MGR = "prod_mgr", _("Production manager")
    PROD_LEADER = "prod_leader", _("Production department leader")
    PROD_VP = "prod_vp", _("Deputy general manager for production")
    WS_LEADER = "ws_leader", _("Workshop section leader")
    WORKSHOP_DIRECTOR = "workshop_director", _("Workshop director")
    TEAM_LEADER = "team_leader", _("Team leader")
    PROCESS_ENG = "process_eng", _("Process engineer")
    ASSEMBLER = "assembler", _("Assembly technician")
    PICKER = "picker", _("Material picker")
    SHEET_METAL = "sheet_metal", _("Sheet metal workshop")
    TECH_LEADER = "tech_leader", _("Technical leader")
    ENGINEER = "engineer", _("Design engineer")
    PURCH_LEADER = "purch_leader", _("Purchasing leader")
    BUYER = "buyer", _("Buyer")
    LOGISTICS_LEADER = "logistics_leader", _("Logistics leader")
    QC_LEADER = "qc_leader", _("Quality leader")
    INSPECTOR = "inspector", _("Inspector")
    STOREKEEPER = "storekeeper", _("Storekeeper")
    FG_KEEPER = "fg_keeper", _("Finished goods keeper")
    SHIP_LEADER = "ship_leader", _("Shipping leader")
    SHIPPER = "shipper", _("Shipper")
    PACK_LEADER = "pack_leader", _("Packing leader")
    PACKER = "packer", _("Packer")
    GUARD = "guard", _("Gate guard")
    FREIGHT_AUDITOR = "freight_auditor", _("Freight payment auditor")
    SERVICE_LEADER = "service_leader", _("Service leader")
    SERVICE_ENG = "service_eng", _("Service engineer")
    GM = "gm", _("General manager")
    DEPUTY_GM = "deputy_gm", _("Deputy general manager")
    GROUP_GM = "group_gm", _("Group general manager")
    BU_LEADER = "bu_leader", _("Business unit leader")
    COMPANY_LEADER = "company_leader", _("Company leader")
    SENIOR_MGMT = "senior_mgmt", _("Senior management")
    FINANCE = "finance", _("Finance")
    EVALUATOR = "evaluator", _("Order evaluator")
    ADMIN = "admin", _("System administrator")
