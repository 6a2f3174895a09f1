"""Pay of workers is added to, never changed; measures for own people. Both are safety rows without amounts in clear."""

import aimprogress.core.fields
import aimprogress.core.ids
import aimprogress.core.scoping
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from aimprogress.core.rls import AppendOnly, EnableRowSecurity, ScopedKeys


class Migration(migrations.Migration):

    dependencies = [
        ('humanitarian', '0003_attach_evidence_and_batches'),
        ('members', '0010_cut_off_access'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SupportMeasure',
            fields=[
                ('id', models.UUIDField(default=aimprogress.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('updated_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('type', models.CharField(choices=[('EMERGENCY_GRANT', 'Emergency grant'), ('LOAN_FREE', 'Loan without interest'), ('SALARY_ADVANCE', 'Advance on the wage'), ('RELOCATION_GRANT', 'Relocation grant'), ('TRANSPORT', 'Transport to safety'), ('ACCOMMODATION', 'Accommodation'), ('FOOD_HYGIENE', 'Food and hygiene'), ('MEDICAL', 'Medical help'), ('PSYCHOSOCIAL', 'Psychosocial support'), ('FUNERAL_BEREAVEMENT', 'Funeral and bereavement'), ('LIFE_INSURANCE', 'Life insurance'), ('LEGAL_AID', 'Legal aid'), ('DOCUMENT_HELP', 'Help with documents'), ('CHILDCARE_SCHOOL', 'Childcare and school'), ('LANGUAGE', 'Language courses'), ('JOB_TRANSFER', 'A job at another site'), ('IT_REMOTE_KIT', 'Equipment for remote work'), ('GENERATOR_WINTER', 'Generators and winter help'), ('VETERAN_REINTEGRATION', 'Return of veterans to work'), ('HOTLINE', 'Hotline')], max_length=21, verbose_name='what')),
                ('layer', models.PositiveSmallIntegerField(blank=True, choices=[(1, '1 · basic services and safety'), (2, '2 · community and family support'), (3, '3 · focused, not specialised'), (4, '4 · specialised')], null=True, verbose_name='layer of support')),
                ('country', models.CharField(max_length=2, verbose_name='country')),
                ('starts_on', models.DateField(verbose_name='from')),
                ('ends_on', models.DateField(blank=True, null=True, verbose_name='until')),
                ('for_own', models.BooleanField(default=True, verbose_name='own employees may use it')),
                ('for_agency', models.BooleanField(default=False, verbose_name='agency workers may use it')),
                ('for_contractors', models.BooleanField(default=False, verbose_name='contractors on site may use it')),
                ('excluded_because', models.CharField(blank=True, max_length=300, verbose_name='why the others may not')),
                ('people_reached', models.PositiveIntegerField(blank=True, null=True, validators=[django.core.validators.MaxValueValidator(200000)], verbose_name='people reached')),
                ('offered', models.PositiveIntegerField(blank=True, null=True, verbose_name='people it was offered to')),
                ('accepted', models.PositiveIntegerField(blank=True, null=True, verbose_name='people who accepted')),
                ('returned', models.PositiveIntegerField(blank=True, null=True, verbose_name='people who went back')),
                ('spend', aimprogress.core.fields.EncryptedTextField(blank=True, null=True, verbose_name='spend, as a band')),
                ('currency', models.CharField(blank=True, max_length=3, verbose_name='currency')),
                ('effect', models.CharField(choices=[('NOT_YET', 'Not known yet'), ('NONE', 'No effect'), ('SOME', 'Some effect'), ('FULL', 'Full effect')], default='NOT_YET', max_length=8, verbose_name='effect')),
                ('effect_source', models.CharField(blank=True, max_length=200, verbose_name='how we know: who was asked, when')),
                ('recorded_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.organisation')),
                ('partner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='humanitarian.partnerorganisation', verbose_name='with the partner')),
                ('site', aimprogress.core.scoping.ScopedForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='support_measures', to='members.site', verbose_name='site')),
            ],
            options={
                'ordering': ['-starts_on', '-id'],
                'indexes': [models.Index(fields=['organisation', '-starts_on', '-id'], name='measure_by_organisation'), models.Index(fields=['-starts_on', '-id'], name='measure_newest')],
            },
        ),
        migrations.CreateModel(
            name='WageSupportReport',
            fields=[
                ('id', models.UUIDField(default=aimprogress.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('observed_at', models.DateTimeField(verbose_name='seen at')),
                ('recorded_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('source_type', models.CharField(choices=[('DIRECT', 'Seen or contacted by our staff'), ('DOC', 'Document'), ('WORKER_REP', "Workers' representative"), ('PARTNER', 'Partner organisation'), ('PUBLIC', 'Public source'), ('EST', 'Estimate')], default='DIRECT', max_length=10, verbose_name='source')),
                ('confidence', models.CharField(choices=[('A', 'Confirmed'), ('B', 'Credible, second-hand'), ('C', 'Unverified')], default='A', max_length=1, verbose_name='confidence')),
                ('month', models.DateField(verbose_name='month')),
                ('group', models.CharField(choices=[('OWN', 'Own employees'), ('AGENCY', 'Agency workers'), ('CONTRACTOR', 'Contractors on site')], max_length=10, verbose_name='contract group')),
                ('policy', models.CharField(choices=[('FULL', 'Full wage'), ('DOWNTIME', 'Statutory idle pay, at least two thirds'), ('PARTIAL', 'A part of the wage'), ('ADVANCE', 'Paid months ahead'), ('SUSPENDED', 'Contract suspended'), ('MOBILISED_FULL', 'Mobilised, keeps the average wage'), ('MOBILISED_PARTIAL', 'Mobilised, keeps a part'), ('FAMILY', 'Family of the killed or missing'), ('NONE', 'No pay')], max_length=17, verbose_name='paid by the rule')),
                ('percent', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(100)], verbose_name='percent of the wage')),
                ('advance_months', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='months paid ahead')),
                ('entitled', models.PositiveIntegerField(validators=[django.core.validators.MaxValueValidator(200000)], verbose_name='people entitled')),
                ('paid_full', models.PositiveIntegerField(default=0, verbose_name='paid in full')),
                ('paid_partial', models.PositiveIntegerField(default=0, verbose_name='paid in part')),
                ('paid_none', models.PositiveIntegerField(default=0, verbose_name='not paid')),
                ('months_continued', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='months of continued pay to date')),
                ('arrears_days', models.PositiveSmallIntegerField(default=0, verbose_name='days that the oldest unpaid wages are late')),
                ('channel_risk', models.CharField(blank=True, choices=[('', 'None known'), ('BANK', 'Banks do not work reliably'), ('CASH', 'Paid in cash'), ('OTHER', 'Other')], max_length=5, verbose_name='risk of the way of paying')),
                ('currency', models.CharField(default='UAH', max_length=3, verbose_name='currency')),
                ('total', aimprogress.core.fields.EncryptedTextField(blank=True, null=True, verbose_name='total paid, as a band')),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='what was wrong')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.organisation')),
                ('reported_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('site', aimprogress.core.scoping.ScopedForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='wage_reports', to='members.site', verbose_name='site')),
                ('supersedes', aimprogress.core.scoping.ScopedForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='superseded_by', to='humanitarian.wagesupportreport')),
            ],
            options={
                'ordering': ['-month', '-id'],
                'indexes': [models.Index(fields=['organisation', '-month', '-id'], name='pay_by_organisation'), models.Index(fields=['-month', '-id'], name='pay_newest'), models.Index(fields=['site', '-month', '-id'], name='pay_by_site')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('supersedes', None)), fields=('organisation', 'site', 'month', 'group', 'policy'), name='pay_reported_once', violation_error_message='This is reported already. Correct that report instead.'), models.UniqueConstraint(fields=('organisation', 'supersedes'), name='pay_corrected_once', violation_error_message='This report was corrected already. Correct the newer one.'), models.CheckConstraint(condition=models.Q(('entitled', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('paid_full'), '+', models.F('paid_partial')), '+', models.F('paid_none')))), name='pay_adds_up')],
            },
        ),
        EnableRowSecurity("humanitarian_wagesupportreport", "SAFETY"),
        EnableRowSecurity("humanitarian_supportmeasure", "SAFETY"),
        ScopedKeys(
            "humanitarian_wagesupportreport",
            {"site_id": "members_site", "supersedes_id": "humanitarian_wagesupportreport"},
        ),
        ScopedKeys("humanitarian_supportmeasure", {"site_id": "members_site"}),
        AppendOnly("humanitarian_wagesupportreport"),
    ]
