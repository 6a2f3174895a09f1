import aimprogress.core.ids
import aimprogress.core.scoping
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from decimal import Decimal
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('members', '0003_plan_assessment'),
        ('places', '0001_areas_settlements_and_status'),
    ]

    operations = [
        migrations.CreateModel(
            name='Supplier',
            fields=[
                ('id', models.UUIDField(default=aimprogress.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('updated_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('name_local', models.CharField(blank=True, max_length=200, verbose_name='name in its own script')),
                ('country', models.CharField(max_length=2, verbose_name='country')),
                ('city', models.CharField(blank=True, max_length=120, verbose_name='city')),
                ('address', models.CharField(blank=True, max_length=300, verbose_name='address')),
                ('identifier_kind', models.CharField(blank=True, max_length=12, verbose_name='kind of identifier')),
                ('identifier', models.CharField(blank=True, max_length=40, verbose_name='identifier')),
                ('sector', models.CharField(blank=True, max_length=120, verbose_name='sector')),
                ('workers', models.PositiveIntegerField(blank=True, null=True, verbose_name='workers')),
                ('women_percent', models.DecimalField(blank=True, decimal_places=1, max_digits=4, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0')), django.core.validators.MaxValueValidator(Decimal('100'))], verbose_name='women, per cent')),
                ('migrant_percent', models.DecimalField(blank=True, decimal_places=1, max_digits=4, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0')), django.core.validators.MaxValueValidator(Decimal('100'))], verbose_name='migrant workers, per cent')),
                ('exposure', models.CharField(choices=[('NONE', 'None known'), ('INPUTS', 'Inputs'), ('WORKERS', 'Workers'), ('OPERATIONS', 'Operations'), ('OWNERSHIP', 'Ownership'), ('MARKET', 'Market')], default='NONE', max_length=12, verbose_name='touched by the war through')),
                ('assessment_state', models.CharField(choices=[('NOT_REQUIRED', 'Not required'), ('NOT_STARTED', 'Not started'), ('SAQ_SENT', 'Questionnaire sent'), ('SAQ_DONE', 'Questionnaire answered'), ('SCHEDULED', 'Audit planned'), ('BLOCKED_BY_CONFLICT', 'Not possible because of the war'), ('DONE_OPEN_CAP', 'Done, corrections open'), ('DONE_CLOSED', 'Done, corrections closed'), ('EXPIRED', 'Expired'), ('REFUSED', 'Refused'), ('RECOGNISED', 'Recognised from another audit')], default='NOT_STARTED', max_length=20, verbose_name='assessment')),
                ('assessed_on', models.DateField(blank=True, null=True, verbose_name='assessed on')),
                ('admin1', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.adminarea', verbose_name='oblast or region')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.organisation')),
            ],
            options={
                'ordering': ['name', 'id'],
            },
        ),
        migrations.CreateModel(
            name='SupplyLink',
            fields=[
                ('id', models.UUIDField(default=aimprogress.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('updated_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('tier', models.CharField(choices=[('T1', 'Direct supplier'), ('T2', 'Second tier'), ('T3', 'Third tier'), ('T4_FARM_RAW', 'Farm or raw material'), ('SERVICE', 'Service'), ('LABOUR', 'Labour provider')], default='T1', max_length=12, verbose_name='tier')),
                ('commodity', models.CharField(blank=True, max_length=60, verbose_name='commodity')),
                ('spend', models.CharField(blank=True, choices=[('<100k', 'under EUR 100,000'), ('100k-1m', 'EUR 100,000 to 1 million'), ('1-10m', 'EUR 1 to 10 million'), ('>10m', 'over EUR 10 million')], max_length=8, verbose_name='spend a year')),
                ('since', models.DateField(blank=True, null=True, verbose_name='since')),
                ('status', models.CharField(choices=[('ACTIVE', 'Active'), ('PAUSED', 'Paused'), ('STOPPED_CONFLICT', 'Stopped because of the war'), ('EXITED', 'Ended')], default='ACTIVE', max_length=16, verbose_name='status')),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='reason')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.organisation')),
                ('supplier', aimprogress.core.scoping.ScopedForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='links', to='suppliers.supplier')),
            ],
            options={
                'ordering': ['supplier_id', 'id'],
            },
        ),
        migrations.AddIndex(
            model_name='supplier',
            index=models.Index(fields=['organisation', 'name', 'id'], name='suppliers_s_organis_41dec2_idx'),
        ),
        migrations.AddIndex(
            model_name='supplier',
            index=models.Index(fields=['name', 'id'], name='suppliers_s_name_b4a6c5_idx'),
        ),
        migrations.AddIndex(
            model_name='supplier',
            index=models.Index(fields=['organisation', 'country', 'name', 'id'], name='suppliers_s_organis_849b7e_idx'),
        ),
        migrations.AddIndex(
            model_name='supplier',
            index=models.Index(fields=['organisation', 'identifier_kind', 'identifier'], name='suppliers_s_organis_ec3098_idx'),
        ),
        migrations.AddIndex(
            model_name='supplylink',
            index=models.Index(fields=['organisation', 'tier', 'id'], name='suppliers_s_organis_ebea53_idx'),
        ),
        migrations.AddIndex(
            model_name='supplylink',
            index=models.Index(fields=['supplier'], name='suppliers_s_supplie_5de49e_idx'),
        ),
    ]
